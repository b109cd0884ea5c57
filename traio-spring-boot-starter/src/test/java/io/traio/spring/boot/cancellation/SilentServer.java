// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.cancellation;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Accepts one connection, reads what the client says first, sends a given beginning of an answer, and falls silent. */
final class SilentServer implements Closeable {

    /** What an HTTP server sends of its answer before it falls silent. */
    static final String HEADERS = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";

    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);
    private final ServerSocket listening;
    private final Thread thread;

    SilentServer(String beginning) {
        try {
            listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        thread = new Thread(() -> serve(beginning), "silent-server");
        thread.start();
    }

    private void serve(String beginning) {
        try (Socket client = listening.accept()) {
            client.getInputStream().read(new byte[8_192]);
            client.getOutputStream().write(beginning.getBytes(StandardCharsets.US_ASCII));
            reached.countDown();
            over.await();
        } catch (IOException | InterruptedException e) {
            // The test closed the server, or the client its side.
        }
    }

    /** Returns where it listens, as {@code host:port}. */
    String address() {
        return listening.getInetAddress().getHostAddress() + ":" + listening.getLocalPort();
    }

    /** Waits until a client waits for the rest of the answer. */
    void awaitClient() throws InterruptedException {
        if (!reached.await(20, TimeUnit.SECONDS)) {
            throw new AssertionError("no client has come");
        }
    }

    /** Closes the connection, too. */
    @Override
    public void close() {
        over.countDown();
        try {
            listening.close();
            thread.join(20_000);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
