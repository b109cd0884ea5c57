// SPDX-License-Identifier: Apache-2.0

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Asks two servers for a page, in turn, by 8 connections: {@code PATH PORT PID PORT PID}. Prints the CPU time that each
 * server needs for a request, as the operating system counts it, compilers and collector included, and the ratios.
 */
class PetclinicLoad {

    static final int CONNECTIONS = 8;
    static final int WARMUP = Integer.getInteger("warmup", 20);
    static final int ROUNDS = Integer.getInteger("rounds", 40);
    static final int REQUESTS = 2_000;

    public static void main(String[] args) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(CONNECTIONS);
        double[][] micros = new double[2][ROUNDS];
        double[][] seconds = new double[2][ROUNDS];
        for (int round = -WARMUP; round < ROUNDS; round++) {
            for (int turn = 0; turn < 2; turn++) {
                int server = Math.floorMod(round + turn, 2);
                ProcessHandle process = ProcessHandle.of(Long.parseLong(args[2 + 2 * server])).orElseThrow();
                URI page = URI.create("http://localhost:" + args[1 + 2 * server] + args[0]);
                long cpu = cpuNanos(process);
                long start = System.nanoTime();
                load(clients, page);
                if (round >= 0) {
                    seconds[server][round] = (System.nanoTime() - start) / 1e9;
                    micros[server][round] = (cpuNanos(process) - cpu) / 1e3 / REQUESTS;
                }
            }
        }
        clients.shutdown();
        System.out.printf(
                Locale.ROOT,
                "%s: CPU time of a request %.0f µs without, %.0f µs with: ratio %.3f in all, %.3f (%.3f to %.3f) in pairs,"
                        + " throughput %.3f%n",
                args[0],
                Arrays.stream(micros[0]).average().orElseThrow(),
                Arrays.stream(micros[1]).average().orElseThrow(),
                Arrays.stream(micros[1]).sum() / Arrays.stream(micros[0]).sum(),
                quantile(micros[1], micros[0], 0.5),
                quantile(micros[1], micros[0], 0.25),
                quantile(micros[1], micros[0], 0.75),
                quantile(seconds[0], seconds[1], 0.5));
    }

    static long cpuNanos(ProcessHandle process) {
        return process.info().totalCpuDuration().orElseThrow().toNanos();
    }

    static void load(ExecutorService clients, URI page) throws Exception {
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpRequest request = HttpRequest.newBuilder(page).build();
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            running.add(clients.submit(() -> {
                for (int n = 0; n < REQUESTS / CONNECTIONS; n++) {
                    HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
                    if (answer.statusCode() != 200) {
                        throw new IllegalStateException(page + " is answered with status " + answer.statusCode());
                    }
                }
                return null;
            }));
        }
        for (Future<?> each : running) {
            each.get();
        }
    }

    static double quantile(double[] above, double[] below, double share) {
        double[] ratios = new double[above.length];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = above[i] / below[i];
        }
        Arrays.sort(ratios);
        return ratios[(int) (share * (ratios.length - 1))];
    }
}
