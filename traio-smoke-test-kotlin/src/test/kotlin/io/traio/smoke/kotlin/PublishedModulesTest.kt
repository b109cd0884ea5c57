// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.kotlin

import io.traio.Scope
import io.traio.kotlin.currentScope
import io.traio.spring.boot.factory.ScopeFactoryCustomizer
import io.traio.test.TestClock
import java.lang.module.ModuleFinder
import java.nio.file.Files
import java.nio.file.Path
import javax.xml.parsers.DocumentBuilderFactory
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import org.w3c.dom.Element

/** What is published. Here, since no other module has all of it on its class path. */
class PublishedModulesTest {

    private fun placeOf(type: Class<*>): Path = Path.of(type.protectionDomain.codeSource.location.toURI())

    @Test
    fun jars_onTheModulePath_haveNamesOfTheirOwn() {
        val jars = listOf(
            Scope::class.java,
            TestClock::class.java,
            ScopeFactoryCustomizer::class.java,
            Class.forName("io.traio.kotlin.ScopesKt"),
        ).map(::placeOf)
        assumeTrue(jars.all { Files.isRegularFile(it) })

        val modules = ModuleFinder.of(*jars.toTypedArray()).findAll().map { it.descriptor() }

        assertThat(modules.map { it.name() })
            .containsExactlyInAnyOrder("io.traio", "io.traio.test", "io.traio.spring.boot", "io.traio.kotlin")
        // No package is in two of them: the module system would refuse both.
        assertThat(modules.flatMap { it.packages() }).doesNotHaveDuplicates()
        assertThat(currentScope).isNull()
    }

    @Test
    fun bom_listsWhatIsPublished() {
        val root = pom("..")
        val published = root.texts("module")
            .map { pom("../$it") }
            .filter { it.texts("maven.deploy.skip") != listOf("true") && it.child("packaging") != "pom" }
            .map { it.child("artifactId") }
        val bom = pom("../traio-bom")

        val managed = bom.elements("dependencyManagement").single().texts("artifactId")

        assertThat(published).isNotEmpty()
        assertThat(managed).containsExactlyInAnyOrderElementsOf(published)
        assertThat(bom.child("version")).isEqualTo(root.child("version"))
    }

    private fun pom(folder: String): Element =
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(Path.of(folder, "pom.xml").toFile()).documentElement

    private fun Element.elements(name: String): List<Element> =
        getElementsByTagName(name).let { nodes -> (0 until nodes.length).map { nodes.item(it) as Element } }

    private fun Element.texts(name: String): List<String> = elements(name).map { it.textContent }

    private fun Element.child(name: String): String? =
        elements(name).firstOrNull { it.parentNode === this }?.textContent
}
