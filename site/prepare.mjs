// SPDX-License-Identifier: Apache-2.0

// Copies the pages to target/pages, where VitePress reads them. The copies keep their places, so links between them stay as they
// are, but for three kinds: to a README (an index page here), to a folder (its index), and to a file that is no page.

import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const site = dirname(fileURLToPath(import.meta.url))
const root = resolve(site, '..')
const pages = join(site, 'target', 'pages')

function markdownIn(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? markdownIn(join(folder, entry.name)) : [join(folder, entry.name)]))
    .filter((file) => file.endsWith('.md'))
}

const asIndex = (file) => file.replace(/README\.md$/, 'index.md')

/** Returns where a link of a page leads on the site; null if it leads to nothing there. */
function target(page, path) {
  const file = normalize(join(dirname(page), path))
  if (!existsSync(join(root, file))) {
    console.warn(`no such page: ${path} in ${page}`) // LinksTest fails of it
    return null
  }
  if (statSync(join(root, file)).isDirectory()) return join(path, 'index.md')
  if (path.endsWith('.md')) return asIndex(path)
  if (/\.(png|svg)$/.test(path)) return path.startsWith('.') ? path : './' + path
  if (file.startsWith('docs')) {
    mkdirSync(dirname(join(pages, 'public', file)), { recursive: true })
    cpSync(join(root, file), join(pages, 'public', file))
    return '/' + file
  }
  return null
}

function onTheSite(page, text) {
  // Odd parts are blocks of code.
  const parts = text.split(/^(```[\s\S]*?^```)$/m)
  return parts
    .map((part, i) =>
      i % 2 === 1
        ? part
        : part.replace(/\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!https?:|#)([^)#\s]+)(#[^)]*)?\)/g, (link, label, path, anchor) => {
            const to = target(page, path)
            return to === null ? label : `[${label}](${to}${anchor ?? ''})`
          }),
    )
    .join('')
}

function titleOf(file) {
  return readFileSync(join(root, file), 'utf8').match(/^# (.+)$/m)[1]
}

rmSync(pages, { recursive: true, force: true })
mkdirSync(join(pages, 'public'), { recursive: true })
const rootPages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'].filter((file) => existsSync(join(root, file)))
const all = [...rootPages, ...markdownIn('docs')]
for (const page of all) {
  const copy = join(pages, asIndex(page))
  mkdirSync(dirname(copy), { recursive: true })
  writeFileSync(copy, onTheSite(page, readFileSync(join(root, page), 'utf8')))
}
cpSync(join(root, 'docs', 'images'), join(pages, 'docs', 'images'), { recursive: true })
cpSync(join(root, 'llms.txt'), join(pages, 'public', 'llms.txt'))

const decisions = all.filter((page) => page.startsWith(join('docs', 'adr'))).sort()
const list = decisions.map((page) => `- [${titleOf(page)}](${relative(join('docs', 'adr'), page)})`)
writeFileSync(join(pages, 'docs', 'adr', 'index.md'), ['# Decisions', '', ...list, ''].join('\n'))
console.log(`${all.length} pages`)
