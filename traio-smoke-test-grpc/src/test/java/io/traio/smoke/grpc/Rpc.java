// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.grpc;

import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.concurrent.Future;

/** A service whose messages are texts, and calls of it. Written by hand, so that no code is generated. */
final class Rpc {

    static final String SERVICE = "demo.Trips";

    static final MethodDescriptor<String, String> FIND = method("Find", MethodDescriptor.MethodType.UNARY);
    static final MethodDescriptor<String, String> LIST = method("List", MethodDescriptor.MethodType.SERVER_STREAMING);

    private Rpc() {}

    private static MethodDescriptor<String, String> method(String name, MethodDescriptor.MethodType type) {
        return MethodDescriptor.newBuilder(new Text(), new Text())
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
                .build();
    }

    /** What the service does. */
    @FunctionalInterface
    interface Handler {
        void handle(String request, StreamObserver<String> answer) throws Exception;
    }

    static BindableService service(Handler handler) {
        return () -> ServerServiceDefinition.builder(SERVICE)
                .addMethod(FIND, ServerCalls.asyncUnaryCall((request, answer) -> call(handler, request, answer)))
                .addMethod(
                        LIST, ServerCalls.asyncServerStreamingCall((request, answer) -> call(handler, request, answer)))
                .build();
    }

    private static void call(Handler handler, String request, StreamObserver<String> answer) {
        try {
            handler.handle(request, answer);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static void answer(StreamObserver<String> observer, String answer) {
        observer.onNext(answer);
        observer.onCompleted();
    }

    static String find(Channel channel, String request) {
        return find(channel, CallOptions.DEFAULT, request);
    }

    static String find(Channel channel, CallOptions options, String request) {
        return ClientCalls.blockingUnaryCall(channel, FIND, options, request);
    }

    static Future<String> findLater(Channel channel, String request) {
        return ClientCalls.futureUnaryCall(channel.newCall(FIND, CallOptions.DEFAULT), request);
    }

    static Iterator<String> list(Channel channel, String request) {
        return ClientCalls.blockingServerStreamingCall(channel, LIST, CallOptions.DEFAULT, request);
    }

    private static final class Text implements MethodDescriptor.Marshaller<String> {

        @Override
        public InputStream stream(String value) {
            return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String parse(InputStream stream) {
            try {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
