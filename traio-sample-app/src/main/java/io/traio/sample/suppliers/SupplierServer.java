// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.suppliers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import jakarta.annotation.PostConstruct;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;
import org.springframework.stereotype.Component;

/**
 * The suppliers, behind one small HTTP server: {@code GET /alpha/fare?from=PAR&to=NRT}, with {@code latency=2s} and
 * {@code fail=true} on request.
 *
 * <p>It does not use traio. It is hand-written for one reason: it reads from its caller while it works, and so notices
 * at once when the caller hangs up. The JDK's server and servlet containers would notice only when they answer.
 */
@Component
public final class SupplierServer implements AutoCloseable {

    /** The longest latency that can be set for a supplier. */
    public static final Duration MAX_LATENCY = Duration.ofMinutes(1);

    private static final Logger log = LoggerFactory.getLogger(SupplierServer.class);

    private final SupplierProperties properties;
    private final ServerSocket socket;
    private final Set<Socket> callers = ConcurrentHashMap.newKeySet();
    private final Map<String, AtomicInteger> hangUps = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(new CustomizableThreadFactory("supplier-"));

    SupplierServer(SupplierProperties properties) throws IOException {
        this.properties = properties;
        this.socket = new ServerSocket(properties.port(), /* backlog= */ 50, InetAddress.getLoopbackAddress());
    }

    @PostConstruct
    void start() {
        threads.execute(this::accept);
        log.info("Suppliers {} listen on {}", names(), uri());
    }

    /** Returns the names of the suppliers. */
    public List<String> names() {
        return SupplierProperties.NAMES;
    }

    /** Returns the base URI of the suppliers. */
    public URI uri() {
        return URI.create("http://" + socket.getInetAddress().getHostAddress() + ":" + socket.getLocalPort());
    }

    /** Returns how many callers of a supplier hung up before the answer. */
    public int hangUps(String supplier) {
        AtomicInteger count = hangUps.get(supplier);
        return count == null ? 0 : count.get();
    }

    /** Returns how many calls are in progress. */
    public int callsUnderWay() {
        return callers.size();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                answer(socket.accept());
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    log.warn("Could not accept a call", e);
                }
            }
        }
    }

    private void answer(Socket caller) {
        callers.add(caller);
        try {
            threads.execute(() -> serve(caller));
        } catch (RejectedExecutionException e) {
            hangUp(caller); // the server is closing
        }
    }

    private void serve(Socket caller) {
        try (caller) {
            BufferedReader in = new BufferedReader(new InputStreamReader(caller.getInputStream(), ISO_8859_1));
            SupplierCall call = SupplierCall.read(in, properties);
            long start = System.nanoTime();
            if (hungUpWithin(call.latency(), caller, in)) {
                hangUps.computeIfAbsent(call.supplier(), name -> new AtomicInteger())
                        .incrementAndGet();
                log.info("{}: the caller hung up after {} ms", call.supplier(), millisSince(start));
            } else {
                caller.getOutputStream().write(call.answer().getBytes(ISO_8859_1));
            }
        } catch (IOException e) {
            log.debug("A call ended early", e);
        } finally {
            callers.remove(caller);
        }
    }

    /** Waits for the latency while reading from the caller, which has sent its request: it now waits or hangs up. */
    private boolean hungUpWithin(Duration latency, Socket caller, Reader in) {
        if (latency.toMillis() == 0) {
            return false; // zero as a socket timeout means no timeout
        }
        try {
            caller.setSoTimeout((int) latency.toMillis());
            return in.read() == -1;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true; // not closed cleanly, but the connection is gone
        }
    }

    private static long millisSince(long start) {
        return Duration.ofNanos(System.nanoTime() - start).toMillis();
    }

    private static void hangUp(Socket caller) {
        try {
            caller.close();
        } catch (IOException e) {
            log.debug("Could not hang up", e);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        socket.close();
        threads.shutdown();
        callers.forEach(SupplierServer::hangUp);
        if (!threads.awaitTermination(2, TimeUnit.SECONDS)) {
            log.warn("{} calls have not ended", callsUnderWay());
        }
    }
}
