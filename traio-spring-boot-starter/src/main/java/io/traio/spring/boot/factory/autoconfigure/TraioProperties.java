// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.factory.autoconfigure;

import io.traio.LeakDetection;
import io.traio.ScopeOptions;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * All properties of traio, one group for each feature that has more than one. Only the endpoint's are elsewhere: Spring
 * Boot wants them under {@code management.endpoint.scopes}.
 *
 * <p>Values are checked where they are used, and not while they are bound: the failure then names the property and the
 * place where it was set.
 *
 * @param enabled Whether to auto-configure traio.
 * @param defaultTimeout How long a scope may take from its opening until its tasks are done. No limit by default.
 * @param cancelTimeout How long a task may take to end once it is cancelled, before it is reported as a straggler.
 * @param executor Name of the bean, any Executor, that runs the tasks of scopes.
 * @param leakDetection For which scopes that are to be closed by hand the place that opened them is recorded.
 * @param transactionGuard What happens when a task is spawned while a transaction is active on the spawning thread.
 * @param taskExecutor The bean traioTaskExecutor.
 * @param async The bean scopeTaskExecutor.
 * @param propagation How context travels into tasks, and the current scope out of them.
 * @param inScope The annotation @InScope.
 * @param request The scope of a servlet or WebFlux request.
 * @param deadline A header that passes the deadline of a scope on to other services.
 * @param grpc Calls of gRPC.
 * @param http Calls by HTTP that end with their scope.
 * @param jdbc Statements that end with their scope.
 * @param lifecycle The end of scopes at shutdown.
 * @param metrics Meters of scopes and tasks.
 * @param observation Observations of scopes and tasks.
 */
@ConfigurationProperties("traio")
public record TraioProperties(
        @DefaultValue("true") boolean enabled,
        @Nullable Duration defaultTimeout,
        @DefaultValue("1s") Duration cancelTimeout,
        @DefaultValue("traioTaskExecutor") String executor,
        @DefaultValue("sampled") LeakDetection leakDetection,
        @DefaultValue("warn") Guard transactionGuard,
        @DefaultValue ExecutorBean taskExecutor,
        @DefaultValue Async async,
        @DefaultValue Propagation propagation,
        @DefaultValue InScope inScope,
        @DefaultValue Request request,
        @DefaultValue Deadline deadline,
        @DefaultValue Grpc grpc,
        @DefaultValue Http http,
        @DefaultValue Jdbc jdbc,
        @DefaultValue Lifecycle lifecycle,
        @DefaultValue Metrics metrics,
        @DefaultValue Observation observation) {

    /** What happens when a task is spawned in a transaction. */
    public enum Guard {

        /** A warning is logged, once for each place that spawns. */
        WARN,

        /** The task is not started, and spawn throws. */
        FAIL,

        /** Nothing. */
        OFF
    }

    /**
     * The bean {@code traioTaskExecutor}.
     *
     * @param enabled Whether to define the bean traioTaskExecutor. Without it, and without another executor, tasks run on
     *     threads that traio creates itself.
     */
    public record ExecutorBean(@DefaultValue("true") boolean enabled) {}

    /**
     * The bean {@code scopeTaskExecutor}.
     *
     * @param enabled Whether to define the bean scopeTaskExecutor, which spawns into the current scope.
     * @param forAll Whether unqualified @Async methods run on scopeTaskExecutor, unless there is an AsyncConfigurer.
     * @param outside What scopeTaskExecutor does where no scope is current.
     */
    public record Async(
            @DefaultValue("true") boolean enabled,
            @Name("default") @DefaultValue("false") boolean forAll,
            @DefaultValue("refuse") Outside outside) {}

    /** What {@code scopeTaskExecutor} does where no scope is current. */
    public enum Outside {

        /** Throws a TaskRejectedException. */
        REFUSE,

        /** Runs the task on the executor of the scopes, in no scope. */
        FALLBACK
    }

    /**
     * How context travels.
     *
     * @param enabled Whether what is registered with Micrometer context-propagation is captured at spawn and restored in
     *     the task.
     * @param exclude Keys of accessors that are left out.
     * @param publishScope Whether the current scope itself is registered with Micrometer context-propagation, so that it
     *     travels with Reactor and with other executors.
     */
    public record Propagation(
            @DefaultValue("true") boolean enabled,
            @DefaultValue List<String> exclude,
            @DefaultValue("true") boolean publishScope) {}

    /**
     * The annotation {@code @InScope}.
     *
     * @param enabled Whether methods annotated with @InScope run in scopes.
     */
    public record InScope(@DefaultValue("true") boolean enabled) {}

    /**
     * The scope of a servlet or WebFlux request.
     *
     * @param enabled Whether a servlet or WebFlux request has a scope of its own.
     * @param timeout How long the scope of a request may last, counted from the arrival of the request. By default as long
     *     as any scope.
     * @param atEnd What happens to tasks that are left when the request has been handled.
     */
    public record Request(
            @DefaultValue("true") boolean enabled,
            @Nullable Duration timeout,
            @DefaultValue("join") AtEnd atEnd) {}

    /** What happens to tasks that are left when the request, or the call, has been handled. */
    public enum AtEnd {

        /** They are awaited. */
        JOIN,

        /** They are cancelled, and then awaited. */
        CANCEL
    }

    /**
     * A header that passes the deadline of a scope on to other services.
     *
     * @param enabled Whether deadlines are taken from requests and sent with calls to other services.
     * @param header Name of the header. Its value is the time left, in milliseconds.
     * @param min The shortest time that is taken from a request; a shorter one is raised to it.
     * @param max The longest time that is taken from a request; a longer one is cut to it.
     * @param accept Whether the header of a request limits the scope of that request.
     * @param trustedNetworks Addresses and ranges from which the header is taken; that of others is ignored. By default
     *     loopback, private and link-local networks. A DeadlineTrust or ReactiveDeadlineTrust bean takes their place.
     * @param send Whether calls to other services say how much time is left.
     * @param hosts Hosts that get the header beside those of the own network: names, domains that begin with a dot, or *
     *     for all.
     */
    public record Deadline(
            @DefaultValue("false") boolean enabled,
            @DefaultValue("Request-Timeout-Ms") String header,
            @DefaultValue("1ms") Duration min,
            @DefaultValue("5m") Duration max,
            @DefaultValue("true") boolean accept,
            @DefaultValue List<String> trustedNetworks,
            @DefaultValue("true") boolean send,
            @DefaultValue List<String> hosts) {}

    /**
     * Calls of gRPC. Needs Spring gRPC on the class path.
     *
     * @param enabled Whether calls of a gRPC server have scopes, and calls of gRPC clients end with their scope.
     * @param timeout How long the scope of a call may last, counted from its arrival; the deadline of the call limits it, too.
     *     By default as long as any scope.
     * @param atEnd What happens to tasks that are left when the call has been handled.
     */
    public record Grpc(
            @DefaultValue("true") boolean enabled,
            @Nullable Duration timeout,
            @DefaultValue("join") AtEnd atEnd) {}

    /**
     * Calls by HTTP that end with their scope.
     *
     * @param enabled Whether calls by RestClient, RestTemplate, HTTP interfaces and WebClient end when their scope does,
     *     whatever the client and the thread.
     */
    public record Http(@DefaultValue("true") boolean enabled) {}

    /**
     * Statements that end with their scope. Needs datasource-proxy on the class path.
     *
     * @param enabled Whether a JDBC statement that is executed in a scope is cancelled with the scope.
     * @param minRemaining No statement is begun if less time than this remains until the deadline of the scope.
     * @param interruptAfter How long a statement may take to end once it is cancelled, before its thread is interrupted.
     * @param excludedBeans Names of DataSource beans whose statements are left alone.
     */
    public record Jdbc(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("10ms") Duration minRemaining,
            @DefaultValue("1s") Duration interruptAfter,
            @DefaultValue List<String> excludedBeans) {}

    /**
     * The end of scopes at shutdown.
     *
     * @param enabled Whether to drain scopes, then cancel them and wait for them, before other beans are destroyed.
     * @param drainTimeout How long scopes may take at shutdown to end by themselves before they are cancelled. By default
     *     a third of spring.lifecycle.timeout-per-shutdown-phase.
     */
    public record Lifecycle(
            @DefaultValue("true") boolean enabled, @Nullable Duration drainTimeout) {}

    /**
     * Meters of scopes and tasks.
     *
     * @param enabled Whether to count and time scopes and tasks.
     * @param maxNames How many different scope names become tags of meters. The rest counts as "other".
     */
    public record Metrics(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("100") int maxNames) {}

    /**
     * Observations of scopes and tasks.
     *
     * @param enabled Whether to observe scopes, which makes them spans where the application traces. By default where there
     *     is an ObservationHandler bean that makes something else than meters, a customizer of the registry, or a registry
     *     of the application's own.
     * @param tasks Whether to observe each task, too.
     */
    public record Observation(
            @Nullable Boolean enabled,
            @DefaultValue("false") boolean tasks) {}

    /**
     * Returns how long the scope of a request may last: its own timeout, or else that of all scopes.
     *
     * @return a positive duration, or null if none is set
     * @throws InvalidConfigurationPropertyValueException if the timeout is zero or negative
     */
    public @Nullable Duration requestTimeout() {
        return request.timeout() != null ? positive("traio.request.timeout", request.timeout()) : defaultTimeout;
    }

    /**
     * Returns how long the scope of a gRPC call may last: its own timeout, or else that of all scopes.
     *
     * @return a positive duration, or null if none is set
     * @throws InvalidConfigurationPropertyValueException if the timeout is zero or negative
     */
    public @Nullable Duration grpcTimeout() {
        return grpc.timeout() != null ? positive("traio.grpc.timeout", grpc.timeout()) : defaultTimeout;
    }

    /** Puts the defaults of all scopes into options. */
    ScopeOptions applyTo(ScopeOptions options) {
        ScopeOptions result = options.withCancelTimeout(positive("traio.cancel-timeout", cancelTimeout));
        return defaultTimeout == null ? result : result.withTimeout(positive("traio.default-timeout", defaultTimeout));
    }

    private static Duration positive(String property, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new InvalidConfigurationPropertyValueException(property, value, "It must be longer than zero.");
        }
        return value;
    }
}
