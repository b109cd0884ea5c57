// SPDX-License-Identifier: Apache-2.0
package io.traio.docs;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.traio.FactoryOptions;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The first table of docs/reference/interrupts.md: what the JDK's blocking calls do on a thread that is interrupted. */
@Timeout(120)
class InterruptsTest {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| ([^|]+) \\| ([^|]+) \\| ([^|]+) \\| [^|]+ \\|$");
    private static final String RUNS_ON = "runs on";
    private static final String UNAFFECTED = "unaffected";

    /** A blocking call. */
    @FunctionalInterface
    private interface Call {
        void run() throws Exception;
    }

    @TempDir
    private Path directory;

    private final Map<String, Call> calls = new LinkedHashMap<>();
    /** Ends the calls that run on, the last first. */
    private final Deque<AutoCloseable> endings = new ConcurrentLinkedDeque<>();

    private final Object monitor = new Object();
    private final ReentrantLock lock = new ReentrantLock();

    @BeforeEach
    void listTheCalls() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "content");
        calls.put("`Thread.sleep`, `Object.wait`", () -> Thread.sleep(60_000));
        calls.put("`BlockingQueue.take`, latches, semaphores", new LinkedBlockingQueue<>()::take);
        calls.put("`ReentrantLock.lockInterruptibly`", lock::lockInterruptibly);
        calls.put("`ReentrantLock.lock`", () -> {
            lock.lock();
            lock.unlock();
        });
        calls.put("`synchronized`", () -> {
            synchronized (monitor) {
                monitor.notifyAll();
            }
        });
        calls.put("`Future.get`", () -> future().get());
        calls.put("`CompletableFuture.join`", () -> future().join());
        calls.put(
                "`Socket`: read, accept, connect",
                () -> silentSocket().getInputStream().read());
        calls.put("`SocketChannel`", () -> silentChannel().read(ByteBuffer.allocate(1)));
        calls.put(
                "`java.net.http.HttpClient.send`",
                () -> HttpClient.newHttpClient()
                        .send(HttpRequest.newBuilder(silentServer()).build(), BodyHandlers.ofString()));
        calls.put(
                "`HttpURLConnection`",
                () -> silentServer().toURL().openConnection().getInputStream().close());
        calls.put("`FileChannel`, and whatever reads by one", () -> {
            try (FileChannel channel = FileChannel.open(file)) {
                channel.read(ByteBuffer.allocate(1));
            }
        });
        calls.put("`Files.readString` and its kin", () -> Files.readString(file));
        calls.put("`FileInputStream`, `RandomAccessFile`", () -> {
            try (InputStream in = new FileInputStream(file.toFile())) {
                in.read();
            }
        });
        calls.put("`Process.waitFor`", () -> process().waitFor());
        calls.put("output of a `Process`", () -> process().getInputStream().read());
        calls.put(
                "loading a class from the class path", () -> Class.forName("io.traio.docs.InterruptsTest$LoadedLate"));
    }

    static final class LoadedLate {}

    private CompletableFuture<String> future() {
        CompletableFuture<String> future = new CompletableFuture<>();
        endings.push(() -> future.complete("late"));
        return future;
    }

    private ServerSocket server() throws IOException {
        ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        endings.push(server);
        return server;
    }

    private URI silentServer() throws IOException {
        return URI.create("http://127.0.0.1:" + server().getLocalPort() + "/");
    }

    private Socket silentSocket() throws IOException {
        ServerSocket server = server();
        Socket socket = new Socket(server.getInetAddress(), server.getLocalPort());
        endings.push(socket);
        return socket;
    }

    private SocketChannel silentChannel() throws IOException {
        ServerSocket server = server();
        SocketChannel channel = SocketChannel.open();
        endings.push(channel);
        channel.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));
        return channel;
    }

    private Process process() throws IOException {
        Process process = new ProcessBuilder("sleep", "60").start();
        endings.push(process::destroy);
        return process;
    }

    /** What becomes of the call on a thread that is interrupted just before it blocks. Only one that runs on takes time. */
    private String outcome(ThreadFactory threads, Call call, String expected) throws Exception {
        CompletableFuture<String> outcome = new CompletableFuture<>();
        CountDownLatch released = new CountDownLatch(1);
        Thread thread = threads.newThread(() -> {
            try {
                Thread.currentThread().interrupt();
                call.run();
                outcome.complete(UNAFFECTED);
            } catch (Throwable e) {
                outcome.complete("`" + e.getClass().getSimpleName() + "`");
            }
        });
        Thread holder = new Thread(() -> {
            lock.lock();
            synchronized (monitor) {
                thread.start();
                try {
                    released.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
            lock.unlock();
        });
        holder.start();
        try {
            return outcome.completeOnTimeout(RUNS_ON, expected.equals(RUNS_ON) ? 300 : 30_000, MILLISECONDS)
                    .get();
        } finally {
            released.countDown();
            holder.join();
            do {
                for (AutoCloseable ending = endings.poll(); ending != null; ending = endings.poll()) {
                    ending.close();
                }
                thread.join(20);
            } while (thread.isAlive());
        }
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(endings).isEmpty();
    }

    private static List<String[]> documented() throws IOException {
        String page = Files.readString(Path.of("../docs/reference/interrupts.md"));
        String table = page.substring(page.indexOf("## Calls of the JDK"), page.indexOf("## Libraries"));
        return ROW.matcher(table)
                .results()
                .filter(row -> !row.group(1).equals("call") && !row.group(1).startsWith("-"))
                .map(row -> new String[] {row.group(1), row.group(2), row.group(3)})
                .toList();
    }

    @Test
    void table_hasOneRowForEachCall() throws IOException {
        assertThat(documented()).extracting(row -> row[0]).containsExactlyElementsOf(calls.keySet());
    }

    @Test
    void platformThread_doesWhatTheTableSays() throws Exception {
        for (String[] row : documented()) {
            assertThat(outcome(Thread::new, calls.get(row[0]), row[1]))
                    .as(row[0])
                    .isEqualTo(row[1]);
        }
    }

    @Test
    void virtualThread_doesWhatTheTableSays() throws Exception {
        assumeTrue(Runtime.version().feature() >= 21, "no virtual threads");
        ThreadFactory virtual = FactoryOptions.virtualThreads("interrupted-");
        for (String[] row : documented()) {
            assertThat(outcome(virtual, calls.get(row[0]), row[2])).as(row[0]).isEqualTo(row[2]);
        }
    }
}
