// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import io.traio.Scope;
import io.traio.ScopeFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

final class NoInterrupt implements Example {

    @Override
    public String name() {
        return "no-interrupt";
    }

    @Override
    public String about() {
        return "An interrupt would close the file channel: this task is cancelled without one, and polls for it";
    }

    @Override
    public void run(ScopeFactory scopes, Journal journal) throws InterruptedException {
        scopes.run("backup", scope -> {
            scope.spawn("copy", () -> copy(scope, journal), t -> t.withInterruptOnCancel(false));
            Thread.sleep(100);
            journal.note("cancel");
            scope.cancel();
        });
        journal.note("the scope has ended");
    }

    private static Void copy(Scope scope, Journal journal) throws IOException, InterruptedException {
        Path file = Files.createTempFile("traio", ".backup");
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
            while (!scope.isCancelled()) {
                channel.write(ByteBuffer.allocate(1024));
                Thread.sleep(10);
            }
            journal.note(channel.isOpen() ? "stopped, and the channel is still open" : "the channel is closed");
        }
        return null;
    }
}
