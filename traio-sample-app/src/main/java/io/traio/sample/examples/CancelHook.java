// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import io.traio.Scope;
import io.traio.ScopeFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;

final class CancelHook implements Example {

    @Override
    public String name() {
        return "cancel-hook";
    }

    @Override
    public String about() {
        return "A read from a silent server ignores interrupts on a platform thread: a hook closes its socket";
    }

    @Override
    public void run(ScopeFactory scopes, Journal journal) throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            scopes.run("call", s -> s.withTimeout(Duration.ofMillis(200)), scope -> read(silent, journal));
        }
    }

    private static void read(ServerSocket silent, Journal journal) throws IOException {
        try (Socket socket = new Socket(silent.getInetAddress(), silent.getLocalPort());
                Scope.CancelHook hook = Scope.onCancel(Duration.ofSeconds(2), () -> close(socket, journal))) {
            socket.getInputStream().read();
        } catch (IOException e) {
            journal.note("the read ends: " + e.getMessage());
        }
    }

    private static void close(Socket socket, Journal journal) throws IOException {
        journal.note("the hook closes the socket");
        socket.close();
    }
}
