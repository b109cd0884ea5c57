// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'

const pages = fileURLToPath(new URL('../target/pages/', import.meta.url))

/** A group of the sidebar; pages that are not there are left out. */
function group(text, folder, items, collapsed = false) {
  return {
    text,
    collapsed,
    items: items
      .filter(([file]) => existsSync(`${pages}${folder}${file}.md`))
      .map(([file, title]) => ({ text: title, link: `/${folder}${file}` })),
  }
}

const guide = group('Guide', 'docs/guide/', [
  ['getting-started', 'Getting started'],
  ['opening-scopes', 'Which of the ways to open'],
  ['errors', 'Errors'],
  ['timeouts', 'Timeouts and deadlines'],
  ['task-flags', 'Background, master, joiner'],
  ['nesting', 'Nesting'],
  ['operators', 'Operators'],
  ['limits', 'Limits'],
  ['long-lived', 'Long-lived scopes, shutdown'],
  ['cleanup', 'Cleanup and resources'],
  ['hooks', 'Hooks'],
  ['requests', 'Requests'],
  ['webflux', 'WebFlux'],
  ['grpc', 'gRPC'],
  ['transactions', 'Transactions and JPA'],
  ['context', 'Security and context'],
  ['live-page', 'Live page'],
  ['fleet', 'Many instances'],
  ['testing', 'Testing'],
  ['kotlin', 'Kotlin'],
  ['recipes', 'Recipes'],
])

const migration = group('Migration', 'docs/', [
  ['migration/async', 'From @Async'],
  ['migration/completable-future', 'From CompletableFuture'],
  ['migration/structured-task-scope', 'From StructuredTaskScope'],
  ['migration/coroutines', 'From coroutines'],
  ['migration/reactor', 'From Reactor'],
  ['comparison', 'Comparison'],
])

const reference = group('Reference', 'docs/reference/', [
  ['semantics', 'Semantics'],
  ['flags', 'Flags'],
  ['properties', 'Properties'],
  ['meters', 'Meters'],
  ['events', 'Events and observations'],
  ['endpoint', 'Endpoint'],
  ['interrupts', 'Interrupts'],
  ['spi', 'Listeners, propagators'],
])

const more = group('More', '', [
  ['docs/troubleshooting', 'Troubleshooting'],
  ['docs/compatibility', 'Compatibility and versions'],
  ['docs/glossary', 'Glossary'],
  ['docs/performance', 'Performance'],
  ['docs/reliability', 'Reliability'],
  ['docs/design', 'How the engine works'],
  ['docs/adr/index', 'Decisions'],
  ['CHANGELOG', 'Changes'],
  ['CONTRIBUTING', 'Contributing'],
  ['SECURITY', 'Security'],
])

export default defineConfig({
  title: 'traio',
  description: 'Structured concurrency for Spring Boot, with scopes that you can see',
  base: process.env.TRAIO_SITE_BASE ?? '/',
  srcDir: 'target/pages',
  outDir: 'target/site',
  cacheDir: 'target/cache',
  ignoreDeadLinks: 'localhostLinks',
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/docs/guide/getting-started', activeMatch: '/docs/guide/' },
      { text: 'Migration', link: '/docs/comparison', activeMatch: '/docs/(migration|comparison)' },
      { text: 'Reference', link: '/docs/reference/semantics', activeMatch: '/docs/reference/' },
      { text: 'Troubleshooting', link: '/docs/troubleshooting' },
    ],
    sidebar: [guide, migration, reference, more],
    outline: [2, 3],
    search: { provider: 'local' },
  },
})
