// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.factory.autoconfigure;

import io.traio.LeakDetection;
import io.traio.ScopeOptions;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * All properties of traio, one group for each feature that has more than one. Only the endpoint's are elsewhere: Spring
 * Boot wants them under {@code management.endpoint.scopes}.
 *
 * <p>Values are checked where they are used, and not while they are bound: the failure then names the property and the
 * place where it was set.
 *
 * <p>A bean with setters, as Spring Boot's own are: what nobody has set is not bound, while a constructor of so many
 * parameters would have the JDK generate classes for its call. Public for the other packages, but no API.
 *
 * @hidden
 */
@ConfigurationProperties("traio")
public final class TraioProperties {

    /** Whether to auto-configure traio. */
    private boolean enabled = true;

    /** How long a scope may take from its opening until its tasks are done. No limit by default. */
    private @Nullable Duration defaultTimeout;

    /** How long a task may take to end once it is cancelled, before it is reported as a straggler. */
    private Duration cancelTimeout = Duration.ofSeconds(1);

    /** Name of the bean, any Executor, that runs the tasks of scopes. */
    private String executor = "traioTaskExecutor";

    /** For which scopes that are to be closed by hand the place that opened them is recorded. */
    private LeakDetection leakDetection = LeakDetection.SAMPLED;

    /** What happens when a task is spawned while a transaction is active on the spawning thread. */
    private Guard transactionGuard = Guard.WARN;

    private final ExecutorBean taskExecutor = new ExecutorBean();

    private final Async async = new Async();

    private final Propagation propagation = new Propagation();

    private final InScope inScope = new InScope();

    private final Request request = new Request();

    private final Deadline deadline = new Deadline();

    private final Grpc grpc = new Grpc();

    private final Http http = new Http();

    private final Jdbc jdbc = new Jdbc();

    private final Lifecycle lifecycle = new Lifecycle();

    private final Metrics metrics = new Metrics();

    private final Observation observation = new Observation();

    public boolean isEnabled() {
        return enabled;
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    public @Nullable Duration getDefaultTimeout() {
        return defaultTimeout;
    }

    public void setDefaultTimeout(@Nullable Duration defaultTimeout) {
        this.defaultTimeout = defaultTimeout;
    }

    public Duration getCancelTimeout() {
        return cancelTimeout;
    }

    public void setCancelTimeout(Duration cancelTimeout) {
        this.cancelTimeout = cancelTimeout;
    }

    public String getExecutor() {
        return executor;
    }

    public void setExecutor(String executor) {
        this.executor = executor;
    }

    public LeakDetection getLeakDetection() {
        return leakDetection;
    }

    public void setLeakDetection(LeakDetection leakDetection) {
        this.leakDetection = leakDetection;
    }

    public Guard getTransactionGuard() {
        return transactionGuard;
    }

    public void setTransactionGuard(Guard transactionGuard) {
        this.transactionGuard = transactionGuard;
    }

    public ExecutorBean getTaskExecutor() {
        return taskExecutor;
    }

    public Async getAsync() {
        return async;
    }

    public Propagation getPropagation() {
        return propagation;
    }

    public InScope getInScope() {
        return inScope;
    }

    public Request getRequest() {
        return request;
    }

    public Deadline getDeadline() {
        return deadline;
    }

    public Grpc getGrpc() {
        return grpc;
    }

    public Http getHttp() {
        return http;
    }

    public Jdbc getJdbc() {
        return jdbc;
    }

    public Lifecycle getLifecycle() {
        return lifecycle;
    }

    public Metrics getMetrics() {
        return metrics;
    }

    public Observation getObservation() {
        return observation;
    }

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
     * @hidden
     */
    public static final class ExecutorBean {

        /** Whether to define the bean traioTaskExecutor. Without it, and without another executor, tasks run on threads that traio creates itself. */
        private boolean enabled = true;

        public boolean isEnabled() {
            return enabled;
        }

        public void setEnabled(boolean enabled) {
            this.enabled = enabled;
        }
    }

    /**
     * The bean {@code scopeTaskExecutor}.
     *
     * @hidden
     */
    public static final class Async {

        /** Whether to define the bean scopeTaskExecutor, which spawns into the current scope. */
        private boolean enabled = true;

        /** Whether unqualified @Async methods run on scopeTaskExecutor, unless there is an AsyncConfigurer. */
        @Name("default")
        private boolean forAll;

        /** What scopeTaskExecutor does where no scope is current. */
        private Outside outside = Outside.REFUSE;

        public boolean isEnabled() {
            return enabled;
        }

        public void setEnabled(boolean enabled) {
            this.enabled = enabled;
        }

        public boolean isForAll() {
            return forAll;
        }

        public void setForAll(boolean forAll) {
            this.forAll = forAll;
        }

        public Outside getOutside() {
            return outside;
        }

        public void setOutside(Outside outside) {
            this.outside = outside;
        }
    }

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
     * @hidden
     */
    public static final class Propagation {

        /** Whether what is registered with Micrometer context-propagation is captured at spawn and restored in the task. */
        private boolean enabled = true;

        /** Keys of accessors that are left out. */
        private List<String> exclude = List.of();

        /** Whether the current scope itself is registered with Micrometer context-propagation, so that it travels with Reactor and with other executors. */
        private boolean publishScope = true;

        public boolean isEnabled() {
            return enabled;
        }

        public void setEnabled(boolean enabled) {
            this.enabled = enabled;
        }

        public List<String> getExclude() {
            return exclude;
        }

        public void setExclude(List<String> exclude) {
            this.exclude = exclude;
        }

        public boolean isPublishScope() {
            return publishScope;
        }

        public void setPublishScope(boolean publishScope) {
            this.publishScope = publishScope;
        }
    }

    /**
     * The annotation {@code @InScope}.
     *
     * @hidden
     */
    public static final class InScope {

        /** Whether methods annotated with @InScope run in scopes. */
        private boolean enabled = true;

        public boolean isEnabled() {
            return enabled;
        }

        public void setEnabled(boolean enabled) {
            this.enabled = enabled;
        }
    }

    /**
     * The scope of a servlet or WebFlux request.
     *
     * @hidden
     */
    public static final class Request {

        /** Whether a servlet or WebFlux request has a scope of its own. */
        private boolean enabled = true;

        /** How long the scope of a request may last, counted from the arrival of the request. By default as long as any scope. */
        private @Nullable Duration timeout;

        /** What happens to tasks that are left when the request has been handled. */
        private AtEnd atEnd = AtEnd.JOIN;

        public boolean isEnabled() {
            return enabled;
        }

        public void setEnabled(boolean enabled) {
            this.enabled = enabled;
        }

        public @Nullable Duration getTimeout() {
            return timeout;
        }

        public void setTimeout(@Nullable Duration timeout) {
            this.timeout = timeout;
        }

        public AtEnd getAtEnd() {
            return atEnd;
        }

        public void setAtEnd(AtEnd atEnd) {
            this.atEnd = atEnd;
        }
    }

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
     * @hidden
     */
    public static final class Deadline {

        /** Whether deadlines are taken from requests and sent with calls to other services. */
        private boolean enabled;

        /** Name of the header. Its value is the time left, in milliseconds. */
        private String header = "Request-Timeout-Ms";

        /** The shortest time that is taken from a request; a shorter one is raised to it. */
        private Duration min = Duration.ofMillis(1);

        /** The longest time that is taken from a request; a longer one is cut to it. */
        private Duration max = Duration.ofMinutes(5);

        /** Whether the header of a request limits the scope of that request. */
        private boolean accept = true;

        /** Addresses and ranges from which the header is taken; that of others is ignored. By default loopback, private and link-local networks. A DeadlineTrust or ReactiveDeadlineTrust bean takes their place. */
        private List<String> trustedNetworks = List.of();

        /** Whether calls to other services say how much time is left. */
        private boolean send = true;

        /** Hosts that get the header beside those of the own network: names, domains that begin with a dot, or * for all. */
        private List<String> hosts = List.of();

        public boolean isEnabled() {
            return enabled;
        }

        public void setEnabled(boolean enabled) {
            this.enabled = enabled;
        }

        public String getHeader() {
            return header;
        }

        public void setHeader(String header) {
            this.header = header;
        }

        public Duration getMin() {
            return min;
        }

        public void setMin(Duration min) {
            this.min = min;
        }

        public Duration getMax() {
            return max;
        }

        public void setMax(Duration max) {
            this.max = max;
        }

        public boolean isAccept() {
            return accept;
        }

        public void setAccept(boolean accept) {
            this.accept = accept;
        }

        public List<String> getTrustedNetworks() {
            return trustedNetworks;
        }

        public void setTrustedNetworks(List<String> trustedNetworks) {
            this.trustedNetworks = trustedNetworks;
        }

        public boolean isSend() {
            return send;
        }

        public void setSend(boolean send) {
            this.send = send;
        }

        public List<String> getHosts() {
            return hosts;
        }

        public void setHosts(List<String> hosts) {
            this.hosts = hosts;
        }
    }

    /**
     * Calls of gRPC. Needs Spring gRPC on the class path.
     *
     * @hidden
     */
    public static final class Grpc {

        /** Whether calls of a gRPC server have scopes, and calls of gRPC clients end with their scope. */
        private boolean enabled = true;

        /** How long the scope of a call may last, counted from its arrival; the deadline of the call limits it, too. By default as long as any scope. */
        private @Nullable Duration timeout;

        /** What happens to tasks that are left when the call has been handled. */
        private AtEnd atEnd = AtEnd.JOIN;

        public boolean isEnabled() {
            return enabled;
        }

        public void setEnabled(boolean enabled) {
            this.enabled = enabled;
        }

        public @Nullable Duration getTimeout() {
            return timeout;
        }

        public void setTimeout(@Nullable Duration timeout) {
            this.timeout = timeout;
        }

        public AtEnd getAtEnd() {
            return atEnd;
        }

        public void setAtEnd(AtEnd atEnd) {
            this.atEnd = atEnd;
        }
    }

    /**
     * Calls by HTTP that end with their scope.
     *
     * @hidden
     */
    public static final class Http {

        /** Whether calls by RestClient, RestTemplate, HTTP interfaces and WebClient end when their scope does, whatever the client and the thread. */
        private boolean enabled = true;

        public boolean isEnabled() {
            return enabled;
        }

        public void setEnabled(boolean enabled) {
            this.enabled = enabled;
        }
    }

    /**
     * Statements that end with their scope. Needs datasource-proxy on the class path.
     *
     * @hidden
     */
    public static final class Jdbc {

        /** Whether a JDBC statement that is executed in a scope is cancelled with the scope. */
        private boolean enabled = true;

        /** No statement is begun if less time than this remains until the deadline of the scope. */
        private Duration minRemaining = Duration.ofMillis(10);

        /** How long a statement may take to end once it is cancelled, before its thread is interrupted. */
        private Duration interruptAfter = Duration.ofSeconds(1);

        /** Names of DataSource beans whose statements are left alone. */
        private List<String> excludedBeans = List.of();

        public boolean isEnabled() {
            return enabled;
        }

        public void setEnabled(boolean enabled) {
            this.enabled = enabled;
        }

        public Duration getMinRemaining() {
            return minRemaining;
        }

        public void setMinRemaining(Duration minRemaining) {
            this.minRemaining = minRemaining;
        }

        public Duration getInterruptAfter() {
            return interruptAfter;
        }

        public void setInterruptAfter(Duration interruptAfter) {
            this.interruptAfter = interruptAfter;
        }

        public List<String> getExcludedBeans() {
            return excludedBeans;
        }

        public void setExcludedBeans(List<String> excludedBeans) {
            this.excludedBeans = excludedBeans;
        }
    }

    /**
     * The end of scopes at shutdown.
     *
     * @hidden
     */
    public static final class Lifecycle {

        /** Whether to drain scopes, then cancel them and wait for them, before other beans are destroyed. */
        private boolean enabled = true;

        /** How long scopes may take at shutdown to end by themselves before they are cancelled. By default a third of spring.lifecycle.timeout-per-shutdown-phase. */
        private @Nullable Duration drainTimeout;

        public boolean isEnabled() {
            return enabled;
        }

        public void setEnabled(boolean enabled) {
            this.enabled = enabled;
        }

        public @Nullable Duration getDrainTimeout() {
            return drainTimeout;
        }

        public void setDrainTimeout(@Nullable Duration drainTimeout) {
            this.drainTimeout = drainTimeout;
        }
    }

    /**
     * Meters of scopes and tasks.
     *
     * @hidden
     */
    public static final class Metrics {

        /** Whether to count and time scopes and tasks. */
        private boolean enabled = true;

        /** How many different scope names become tags of meters. The rest counts as "other". */
        private int maxNames = 100;

        public boolean isEnabled() {
            return enabled;
        }

        public void setEnabled(boolean enabled) {
            this.enabled = enabled;
        }

        public int getMaxNames() {
            return maxNames;
        }

        public void setMaxNames(int maxNames) {
            this.maxNames = maxNames;
        }
    }

    /**
     * Observations of scopes and tasks.
     *
     * @hidden
     */
    public static final class Observation {

        /** Whether to observe scopes, which makes them spans where the application traces. By default where there is an ObservationHandler bean that makes something else than meters, a customizer of the registry, or a registry of the application's own. */
        private @Nullable Boolean enabled;

        /** Whether to observe each task, too. */
        private boolean tasks;

        public @Nullable Boolean getEnabled() {
            return enabled;
        }

        public void setEnabled(@Nullable Boolean enabled) {
            this.enabled = enabled;
        }

        public boolean isTasks() {
            return tasks;
        }

        public void setTasks(boolean tasks) {
            this.tasks = tasks;
        }
    }

    /**
     * Returns how long the scope of a request may last: its own timeout, or else that of all scopes.
     *
     * @return a positive duration, or null if none is set
     * @throws InvalidConfigurationPropertyValueException if the timeout is zero or negative
     */
    public @Nullable Duration requestTimeout() {
        Duration own = request.getTimeout();
        return own != null ? positive("traio.request.timeout", own) : defaultTimeout;
    }

    /**
     * Returns how long the scope of a gRPC call may last: its own timeout, or else that of all scopes.
     *
     * @return a positive duration, or null if none is set
     * @throws InvalidConfigurationPropertyValueException if the timeout is zero or negative
     */
    public @Nullable Duration grpcTimeout() {
        Duration own = grpc.getTimeout();
        return own != null ? positive("traio.grpc.timeout", own) : defaultTimeout;
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
