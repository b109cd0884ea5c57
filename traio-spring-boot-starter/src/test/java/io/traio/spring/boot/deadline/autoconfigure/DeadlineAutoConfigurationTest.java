// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.spring.boot.deadline.DeadlineTrust;
import io.traio.spring.boot.deadline.InvalidDeadlineExceptionHandler;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.request.RequestTimeoutResolver;
import io.traio.spring.boot.request.autoconfigure.RequestScopeAutoConfiguration;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.boot.restclient.RestTemplateCustomizer;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.servlet.DispatcherServlet;

class DeadlineAutoConfigurationTest {

    private static final String RESOLVER = "traioDeadlineResolver";
    private static final String PROBLEMS = "traioInvalidDeadlineExceptionHandler";
    private static final String ON = "traio.deadline.enabled=true";
    private static final AutoConfigurations AUTO = AutoConfigurations.of(
            ScopeFactoryAutoConfiguration.class, RequestScopeAutoConfiguration.class, DeadlineAutoConfiguration.class);

    private final WebApplicationContextRunner runner = new WebApplicationContextRunner().withConfiguration(AUTO);

    @Test
    void deadlines_byDefault_areOff() {
        runner.run(context -> assertThat(context)
                .doesNotHaveBean(RESOLVER)
                .doesNotHaveBean(RestClientCustomizer.class)
                .doesNotHaveBean(RestTemplateCustomizer.class)
                .doesNotHaveBean(WebClientCustomizer.class));
    }

    @Test
    void deadlines_enabled_areTakenAndSent() {
        runner.withPropertyValues(ON)
                .run(context -> assertThat(context)
                        .hasBean(RESOLVER)
                        .hasBean(PROBLEMS)
                        .hasSingleBean(RestClientCustomizer.class)
                        .hasSingleBean(RestTemplateCustomizer.class)
                        .hasSingleBean(WebClientCustomizer.class));
    }

    @Test
    void deadlines_traioDisabled_areOff() {
        runner.withPropertyValues(ON, "traio.enabled=false")
                .run(context ->
                        assertThat(context).doesNotHaveBean(RESOLVER).doesNotHaveBean(RestClientCustomizer.class));
    }

    @Test
    void deadlines_notAccepted_areOnlySent() {
        runner.withPropertyValues(ON, "traio.deadline.accept=false")
                .run(context -> assertThat(context)
                        .doesNotHaveBean(RESOLVER)
                        .doesNotHaveBean(PROBLEMS)
                        .hasSingleBean(RestClientCustomizer.class)
                        .hasSingleBean(WebClientCustomizer.class));
    }

    @Test
    void deadlines_notSent_areOnlyAccepted() {
        runner.withPropertyValues(ON, "traio.deadline.send=false")
                .run(context -> assertThat(context)
                        .hasBean(RESOLVER)
                        .doesNotHaveBean(RestClientCustomizer.class)
                        .doesNotHaveBean(RestTemplateCustomizer.class)
                        .doesNotHaveBean(WebClientCustomizer.class));
    }

    @Test
    void deadlines_noRequestScope_areOnlySent() {
        runner.withPropertyValues(ON, "traio.request.enabled=false")
                .run(context ->
                        assertThat(context).doesNotHaveBean(RESOLVER).hasSingleBean(RestClientCustomizer.class));
    }

    @Test
    void deadlines_noWebApplication_areOnlySent() {
        new ApplicationContextRunner()
                .withConfiguration(AUTO)
                .withPropertyValues(ON)
                .run(context ->
                        assertThat(context).doesNotHaveBean(RESOLVER).hasSingleBean(RestClientCustomizer.class));
    }

    @Test
    void deadlines_reactiveApplication_areOnlySent() {
        new ReactiveWebApplicationContextRunner()
                .withConfiguration(AUTO)
                .withPropertyValues(ON)
                .run(context -> assertThat(context).doesNotHaveBean(RESOLVER).hasSingleBean(WebClientCustomizer.class));
    }

    @Test
    void deadlines_noRestClient_areSentByWebClient() {
        runner.withPropertyValues(ON)
                .withClassLoader(new FilteredClassLoader(RestClientCustomizer.class, RestClient.class))
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(WebClientCustomizer.class));
    }

    @Test
    void deadlines_noRestTemplate_areSentByRestClient() {
        runner.withPropertyValues(ON)
                .withClassLoader(new FilteredClassLoader(RestTemplate.class))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(RestClientCustomizer.class)
                        .doesNotHaveBean(RestTemplateCustomizer.class));
    }

    @Test
    void deadlines_noWebClient_areSentByRestClient() {
        runner.withPropertyValues(ON)
                .withClassLoader(new FilteredClassLoader(WebClientCustomizer.class, WebClient.class))
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(RestClientCustomizer.class));
    }

    @Test
    void deadlines_noSpringMvc_areAcceptedAllTheSame() {
        runner.withPropertyValues(ON)
                .withClassLoader(new FilteredClassLoader(DispatcherServlet.class))
                .run(context -> assertThat(context).hasBean(RESOLVER).doesNotHaveBean(PROBLEMS));
    }

    @ParameterizedTest
    @CsvSource({
        "traio.enabled=true, 10.1.2.3, PT0.8S",
        "traio.enabled=true, 203.0.113.7,",
        "traio.deadline.trusted-networks=203.0.113.0/24, 203.0.113.7, PT0.8S",
        "traio.deadline.trusted-networks=203.0.113.0/24, 10.1.2.3,",
    })
    void header_fromATrustedNetwork_isTaken(String property, String sender, Duration taken) {
        runner.withPropertyValues(ON, property).run(context -> {
            RequestTimeoutResolver resolver = context.getBean(RESOLVER, RequestTimeoutResolver.class);
            assertThat(resolver.resolve(request(sender, "800"))).isEqualTo(taken);
        });
    }

    @Test
    void header_malformedFromElsewhere_isIgnored() {
        runner.withPropertyValues(ON)
                .run(context -> assertThat(context.getBean(RESOLVER, RequestTimeoutResolver.class)
                                .resolve(request("203.0.113.7", "soon")))
                        .isNull());
    }

    @Test
    void header_ownTrust_decides() {
        runner.withPropertyValues(ON)
                .withBean(DeadlineTrust.class, () -> request -> request.getHeader("Peer") != null)
                .run(context -> {
                    RequestTimeoutResolver resolver = context.getBean(RESOLVER, RequestTimeoutResolver.class);
                    MockHttpServletRequest peer = request("203.0.113.7", "800");
                    peer.addHeader("Peer", "inventory");
                    assertThat(resolver.resolve(peer)).isEqualTo(Duration.ofMillis(800));
                    assertThat(resolver.resolve(request("127.0.0.1", "800"))).isNull();
                });
    }

    private static MockHttpServletRequest request(String sender, String millis) {
        MockHttpServletRequest request = new MockHttpServletRequest();
        request.setRemoteAddr(sender);
        request.addHeader("Request-Timeout-Ms", millis);
        return request;
    }

    @Test
    void resolver_ownBean_takesItsPlace() {
        RequestTimeoutResolver own = request -> Duration.ofSeconds(1);
        runner.withPropertyValues(ON)
                .withBean(RESOLVER, RequestTimeoutResolver.class, () -> own)
                .run(context -> assertThat(context).getBean(RESOLVER).isSameAs(own));
    }

    @Test
    void customizer_ownBean_takesItsPlace() {
        RestClientCustomizer own = builder -> {};
        runner.withPropertyValues(ON)
                .withBean("traioDeadlineRestClientCustomizer", RestClientCustomizer.class, () -> own)
                .run(context ->
                        assertThat(context).getBean(RestClientCustomizer.class).isSameAs(own));
    }

    @Test
    void templateCustomizer_ownBean_takesItsPlace() {
        RestTemplateCustomizer own = template -> {};
        runner.withPropertyValues(ON)
                .withBean("traioDeadlineRestTemplateCustomizer", RestTemplateCustomizer.class, () -> own)
                .run(context -> assertThat(context)
                        .getBean(RestTemplateCustomizer.class)
                        .isSameAs(own));
    }

    @Test
    void webClientCustomizer_ownBean_takesItsPlace() {
        WebClientCustomizer own = builder -> {};
        runner.withPropertyValues(ON)
                .withBean("traioDeadlineWebClientCustomizer", WebClientCustomizer.class, () -> own)
                .run(context ->
                        assertThat(context).getBean(WebClientCustomizer.class).isSameAs(own));
    }

    @Test
    void problems_ownBean_takesItsPlace() {
        runner.withPropertyValues(ON)
                .withBean("own", InvalidDeadlineExceptionHandler.class)
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .getBeanNames(InvalidDeadlineExceptionHandler.class)
                        .containsExactly("own"));
    }

    @ParameterizedTest
    @CsvSource({
        "header, ''",
        "header, Time Left",
        "header, 'Time:'",
        "max, 0",
        "max, -1s",
        "max, 1ns",
        "min, 0",
        "min, 6m",
        "trusted-networks, example.com"
    })
    void start_propertyInvalid_failsNamingIt(String property, String value) {
        runner.withPropertyValues(ON, "traio.deadline." + property + "=" + value)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(InvalidConfigurationPropertyValueException.class)
                        .hasMessageContaining("traio.deadline." + property));
    }

    @Test
    void start_maxHuge_starts() {
        runner.withPropertyValues(ON, "traio.deadline.max=106751991168d")
                .run(context -> assertThat(context).hasNotFailed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"header=", "max=0"})
    void start_propertyInvalidButOff_isIgnored(String property) {
        runner.withPropertyValues("traio.deadline." + property)
                .run(context -> assertThat(context).hasNotFailed());
    }
}
