// SPDX-License-Identifier: Apache-2.0
package io.traio.readme;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.Limiter;
import io.traio.OpenScope;
import io.traio.Operators;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeResult;
import io.traio.ScopeTimeoutException;
import io.traio.Started;
import io.traio.Task;
import io.traio.test.TestClock;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Code of the README and of the guide, to be compiled and run by {@link ReadmeTest}. */
final class ReadmeSamples {

    record Route(String from, String to) {}

    record Quote(String supplier, int price) {

        static final Quote NONE = new Quote("none", Integer.MAX_VALUE);

        static Quote cheaper(Quote a, Quote b) {
            return a.price <= b.price ? a : b;
        }
    }

    record Supplier(String name, int price) {

        Quote quote(Route route) {
            if (price < 0) {
                throw new SupplierDownException();
            }
            return new Quote(name, price);
        }
    }

    record Trip(String flight, String hotel) {}

    record Page(String url) {}

    record Connection(String to) implements AutoCloseable {

        @Override
        public void close() {}
    }

    interface Finder {
        String find(String id);
    }

    static final class ProfileUnavailableException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    static final class SupplierDownException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    interface Profiles {
        String fetch(String user);
    }

    private final ScopeFactory scopes;
    private final Supplier alpha = new Supplier("alpha", 700);
    private final Supplier beta;
    private final Finder flights = id -> "flight " + id;
    private final Finder hotels = id -> "hotel " + id;
    private final Queue<String> done = new ConcurrentLinkedQueue<>();

    ReadmeSamples(ScopeFactory scopes) {
        this(scopes, 650);
    }

    /** With the price that the supplier beta has; negative if it is down. */
    ReadmeSamples(ScopeFactory scopes, int priceOfBeta) {
        this.scopes = scopes;
        this.beta = new Supplier("beta", priceOfBeta);
    }

    Queue<String> done() {
        return done;
    }

    private Page download(String url) {
        return new Page(url);
    }

    private Connection primary() {
        return new Connection("primary");
    }

    private Connection replica() throws InterruptedException {
        Thread.sleep(10_000);
        return new Connection("replica");
    }

    private Quote best(Route route) {
        return beta.quote(route);
    }

    private void report() {
        done.add("report");
    }

    private void importFile(Path file) {
        done.add(file.toString());
    }

    private void copyTo(String region) {
        done.add(region);
    }

    private void serve(String client) {
        done.add(client);
    }

    private void fetch(String id) {
        done.add(id);
    }

    // Each sample stands here as it stands in the README, or in a page of docs/guide.

    Quote cheapest(Route route) {
        return scopes.call("quotes", s -> s.withTimeout(ofMillis(800)), scope -> {
            Task<Quote> a = scope.spawn("alpha", () -> alpha.quote(route));
            Task<Quote> b = scope.spawn("beta", () -> beta.quote(route));
            scope.spawn("progress", this::report, t -> t.withAwaited(false));
            return Quote.cheaper(a.join(), b.join());
        });
    }

    Quote cheapestOfThoseThatAreUp(Route route) {
        return scopes.call("quotes", scope -> {
            Task<Quote> b = scope.spawnToJoin("beta", () -> beta.quote(route));
            Task<Quote> a = scope.spawn("alpha", () -> alpha.quote(route));
            try {
                return Quote.cheaper(a.join(), b.join());
            } catch (SupplierDownException e) {
                return a.join();
            }
        });
    }

    String profileOrAnonymous(Profiles profiles, String user) {
        return scopes.call("profile", scope -> {
            String profile;
            try {
                profile = scope.await("profile", () -> profiles.fetch(user));
            } catch (ProfileUnavailableException e) {
                profile = "anonymous";
            }
            return profile;
        });
    }

    List<Object> operators(Route route, String id, List<String> urls) {
        Quote fastest = Operators.on(scopes).race(() -> alpha.quote(route), () -> beta.quote(route));
        Trip trip = Operators.on(scopes).all(() -> flights.find(id), () -> hotels.find(id), Trip::new);
        List<Page> pages = Operators.on(scopes).mapAll(urls, 10, this::download);
        Quote quote = Operators.on(scopes).hedge(ofMillis(50), () -> alpha.quote(route), () -> alpha.quote(route));
        return List.of(fastest, trip, pages, quote);
    }

    Connection connect() {
        Connection connection = Operators.on(scopes)
                .withOptions(s -> s.withTimeout(ofMillis(800)))
                .onDiscard(Connection.class, Connection::close)
                .race(this::primary, this::replica);
        return connection;
    }

    Quote bestOrNone(Route route) {
        ScopeResult<Quote> result = scopes.tryCall("quotes", s -> s.withTimeout(ofMillis(800)), scope -> best(route));
        Quote quote = result.orElse(Quote.NONE);
        return quote;
    }

    void withBody(List<Path> files) {
        scopes.run("import", scope -> {
            for (Path file : files) {
                scope.spawn(file.toString(), () -> importFile(file));
            }
        });
    }

    void asResource() {
        try (OpenScope scope = scopes.open("mirror")) {
            scope.spawn("europe", () -> copyTo("europe"));
            scope.spawn("asia", () -> copyTo("asia"));
            scope.join();
        }
    }

    void shared() {
        OpenScope connections = scopes.openShared("connections");
        connections.spawn("client-1", () -> serve("client-1"));
        connections.spawn("client-2", () -> serve("client-2"));
        connections.complete();
        connections.awaitDone();
    }

    void currentScope(List<String> ids) {
        scopes.run("request", scope -> {
            Scope here = Scope.requireCurrent();
            here.fork().run("details", s -> s.withMaxConcurrency(4), details -> {
                for (String id : ids) {
                    details.spawn(id, () -> fetch(id));
                }
            });
        });
    }

    static void testClock() {
        TestClock clock = new TestClock();
        ScopeFactory scopes = ScopeFactory.create(f -> f.withTimeSource(clock));
        OpenScope scope = scopes.openShared("quotes", s -> s.withTimeout(ofSeconds(10)));
        clock.advance(ofSeconds(10));
        assertThatThrownBy(scope::awaitDone).isInstanceOf(ScopeTimeoutException.class);
    }

    void start() {
        scopes.run("servers", scope -> {
            Started<Integer> server = scope.start("server", ready -> {
                try (ServerSocket socket = new ServerSocket(0)) {
                    ready.ready(socket.getLocalPort());
                    serve(socket);
                }
            });
            connect(server.value());
            server.task().cancel();
        });
    }

    private void serve(ServerSocket socket) throws InterruptedException {
        done.add("listens on " + socket.getLocalPort());
        Thread.sleep(10_000);
    }

    private void connect(int port) {
        done.add("connects to " + port);
    }

    void shield(String account) throws InterruptedException {
        try {
            transfer(account);
        } finally {
            scopes.run("undo", s -> s.withShielded(true).withTimeout(ofSeconds(2)), undo -> {
                undo.spawn("release", () -> release(account));
                undo.spawn("notify", () -> notifyOwner(account));
            });
        }
    }

    void cancelledTransfer(String account) {
        scopes.run("transfers", scope -> {
            scope.cancel();
            shield(account);
        });
    }

    private void transfer(String account) throws InterruptedException {
        Thread.sleep(10_000);
        done.add("transferred " + account);
    }

    private boolean release(String account) throws InterruptedException {
        Thread.sleep(10);
        return done.add("released " + account);
    }

    private boolean notifyOwner(String account) throws InterruptedException {
        Thread.sleep(10);
        return done.add("notified " + account);
    }

    interface Session extends AutoCloseable {}

    record Pool(Queue<String> done) {

        Session openSession() {
            return () -> done.add("session closed");
        }
    }

    private final Pool pool = new Pool(done);

    void resources() {
        scopes.run("report", scope -> {
            Session session = scope.use(pool.openSession());
            Path file = scope.use(() -> Files.createTempFile("report", ".csv"), Files::deleteIfExists);
            scope.defer(() -> audit("report done"));
            scope.spawn("write", () -> write(session, file));
        });
    }

    private void audit(String what) {
        done.add(what);
    }

    private boolean write(Session session, Path file) {
        return done.add("written: " + Files.exists(file) + (session == null));
    }

    /** Runs until it is cancelled, and takes no notice of interrupts. */
    final class Query {
        private final CountDownLatch cancelled = new CountDownLatch(1);

        void cancel() {
            done.add("query cancelled");
            cancelled.countDown();
        }

        boolean executeQuery() throws InterruptedException {
            return cancelled.await(10, TimeUnit.SECONDS);
        }
    }

    void cancelledQuery() {
        scopes.run("report", scope -> {
            scope.cancel();
            done.add("query ended: " + query(new Query()));
        });
    }

    private boolean query(Query statement) throws InterruptedException {
        try (Scope.CancelHook hook = Scope.onCancel(ofSeconds(2), statement::cancel)) {
            return statement.executeQuery();
        }
    }

    void limiter(List<String> ids) {
        Limiter database = Limiter.of("database", 10);
        scopes.run("report", s -> s.withLimiter(database), scope -> {
            for (String id : ids) {
                scope.spawn(id, () -> query(id));
            }
        });
    }

    private boolean query(String id) {
        return done.add("queried " + id);
    }
}
