// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.io.BufferedInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleBiFunction;

/**
 * What the starter adds to HTTP requests that use no scope. The same web application runs several times in this JVM, each
 * time with classes of its own: without the starter, without it once more (which shows the error), with it, and with
 * datasource-proxy, too, so that statements are cancelled with the scope of their request. They are loaded in turn. CPU time
 * and allocation are those of all Java threads, the clients' among them, which cost each the same.
 */
final class Requests {

    private static final int CONNECTIONS = 8;
    /** A turn is longer than those of short workloads. */
    private static final int SLICES_PER_TURN = 10;

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Options options;
    private final ExecutorService clients = Executors.newFixedThreadPool(CONNECTIONS);

    private Requests(Options options) {
        this.options = options;
    }

    static Markdown table(Options options, Owner owner) throws Exception {
        Markdown table = new Markdown(List.of(
                "CPU time of a request, ratio in pairs",
                "without the starter, µs",
                "without, again",
                "with the starter",
                "with datasource-proxy, too",
                "bytes, without",
                "added with the starter",
                "requests a second with the starter, ratio"));
        Requests requests = new Requests(options);
        try {
            requests.rows(table, "platform threads", false);
            if (Threads.VIRTUAL) {
                requests.rows(table, "virtual threads", true);
            }
        } finally {
            requests.clients.shutdown();
        }
        return table;
    }

    private void rows(Markdown table, String threads, boolean virtual) throws Exception {
        List<AutoCloseable> applications = new ArrayList<>();
        try {
            applications.add(start(virtual, false, false));
            applications.add(start(virtual, false, false));
            applications.add(start(virtual, true, false));
            applications.add(start(virtual, true, true));
            for (String path : List.of("/hello", "/row")) {
                table.row(row(path, threads, applications));
            }
        } finally {
            for (AutoCloseable application : applications) {
                application.close();
            }
        }
    }

    private static AutoCloseable start(boolean virtual, boolean withStarter, boolean withProxy) throws Exception {
        List<URL> classPath = new ArrayList<>();
        classPath.add(StartUp.copyOf(RequestsApplication.class).toUri().toURL());
        for (String library : StartUp.libraries()) {
            String name = new File(library).getName();
            if ((withStarter || !StartUp.isTraio(name) && !name.startsWith("context-propagation-"))
                    && (withProxy || !name.startsWith("datasource-proxy-"))) {
                classPath.add(Path.of(library).toUri().toURL());
            }
        }
        URLClassLoader loader = new URLClassLoader(classPath.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            // Only one Tomcat of a process may have it.
            loader.loadClass("org.apache.catalina.webresources.TomcatURLStreamHandlerFactory")
                    .getMethod("disable")
                    .invoke(null);
            return (AutoCloseable) loader.loadClass(RequestsApplication.class.getName())
                    .getMethod("start", boolean.class)
                    .invoke(null, virtual);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private List<String> row(String path, String threads, List<AutoCloseable> applications) throws Exception {
        System.err.println("  " + path + ", " + threads);
        List<Server> servers = new ArrayList<>();
        List<List<Cost>> costs = new ArrayList<>();
        for (AutoCloseable application : applications) {
            servers.add(new Server(Integer.parseInt(application.toString()), path));
            costs.add(new ArrayList<>());
        }
        for (int round = -options.warmup(); round < options.rounds(); round++) {
            for (int turn = 0; turn < servers.size(); turn++) {
                int server = Math.floorMod(round + turn, servers.size());
                Cost cost = cost(servers.get(server));
                if (round >= 0) {
                    costs.get(server).add(cost);
                }
            }
        }
        for (Server server : servers) {
            server.close();
        }
        List<Cost> base = costs.get(0);
        List<String> cells = new ArrayList<>(List.of(path + ", " + threads));
        cells.add(Statistics.of(base.stream().map(Cost::micros).toList()).toString(1));
        for (List<Cost> other : costs.subList(1, costs.size())) {
            cells.add(pairs(base, other, (one, two) -> two.micros() / one.micros(), 3));
        }
        List<Cost> with = costs.get(2);
        cells.add(Statistics.of(base.stream().map(Cost::bytes).toList()).toString(0));
        cells.add(pairs(base, with, (one, two) -> two.bytes() - one.bytes(), 0));
        cells.add(pairs(base, with, (one, two) -> two.perSecond() / one.perSecond(), 3));
        return cells;
    }

    private static String pairs(List<Cost> base, List<Cost> other, ToDoubleBiFunction<Cost, Cost> compare, int digits) {
        List<Double> compared = new ArrayList<>();
        for (int i = 0; i < base.size(); i++) {
            compared.add(compare.applyAsDouble(base.get(i), other.get(i)));
        }
        return Statistics.of(compared).toString(digits);
    }

    private Cost cost(Server server) throws Exception {
        long nanos = options.sliceNanos() * SLICES_PER_TURN;
        List<Future<Integer>> counts = new ArrayList<>();
        double[] before = used();
        long start = System.nanoTime();
        for (Connection connection : server.connections) {
            counts.add(clients.submit(() -> connection.getFor(nanos)));
        }
        int count = 0;
        for (Future<Integer> of : counts) {
            count += of.get();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        double[] after = used();
        return new Cost((after[0] - before[0]) / 1e3 / count, (after[1] - before[1]) / count, count / seconds);
    }

    /** The CPU time in nanoseconds and the allocated bytes of all threads, carriers among them. */
    private static double[] used() {
        double[] used = new double[2];
        for (long thread : THREADS.getAllThreadIds()) {
            used[0] += Math.max(0, THREADS.getThreadCpuTime(thread));
            used[1] += Math.max(0, THREADS.getThreadAllocatedBytes(thread));
        }
        return used;
    }

    private record Cost(double micros, double bytes, double perSecond) {}

    /** The open connections to an application. */
    private static final class Server {

        private final List<Connection> connections = new ArrayList<>();

        Server(int port, String path) throws IOException {
            for (int i = 0; i < CONNECTIONS; i++) {
                connections.add(new Connection(port, path));
            }
        }

        void close() throws IOException {
            for (Connection connection : connections) {
                connection.socket.close();
            }
        }
    }

    /** A connection that asks for the same page again and again; a client of little cost. */
    private static final class Connection {

        private static final String LENGTH = "content-length: ";

        private final Socket socket;
        private final InputStream in;
        private final byte[] request;
        private final byte[] answer;

        Connection(int port, String path) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream());
            request = String.format(Locale.ROOT, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path)
                    .getBytes(StandardCharsets.US_ASCII);
            answer = new byte[lengthOfAnswer()];
        }

        /** All answers have the same length. */
        private int lengthOfAnswer() throws IOException {
            socket.getOutputStream().write(request);
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            String lower = head.toString().toLowerCase(Locale.ROOT);
            int at = lower.indexOf(LENGTH);
            if (!lower.startsWith("http/1.1 200") || at < 0) {
                throw new IOException("Unexpected: " + head);
            }
            int body = Integer.parseInt(lower.substring(at + LENGTH.length(), lower.indexOf('\r', at)));
            in.readNBytes(body);
            return head.length() + body;
        }

        int getFor(long nanos) throws IOException {
            long end = System.nanoTime() + nanos;
            int count = 0;
            do {
                socket.getOutputStream().write(request);
                if (in.readNBytes(answer, 0, answer.length) < answer.length || answer["HTTP/1.1 ".length()] != '2') {
                    throw new IOException("Unexpected: " + new String(answer, StandardCharsets.US_ASCII));
                }
                count++;
            } while (System.nanoTime() - end < 0);
            return count;
        }
    }
}
