// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Prints the line coverage that a {@code jacoco.csv} holds. Run as a source file: {@code PrintCoverage.java NAME CSV}. */
final class PrintCoverage {

    public static void main(String[] args) throws IOException {
        String module = args[0];
        Path csv = Path.of(args[1]);
        if (!Files.exists(csv)) {
            System.out.println(module + " line coverage: not measured, no test ran");
            return;
        }
        List<String> rows = Files.readAllLines(csv);
        List<String> header = List.of(rows.get(0).split(","));
        int missedColumn = header.indexOf("LINE_MISSED");
        int coveredColumn = header.indexOf("LINE_COVERED");
        long missed = 0;
        long covered = 0;
        for (String row : rows.subList(1, rows.size())) {
            String[] cells = row.split(",");
            missed += Long.parseLong(cells[missedColumn]);
            covered += Long.parseLong(cells[coveredColumn]);
        }
        long lines = missed + covered;
        if (lines == 0) {
            System.out.println(module + " line coverage: nothing to cover yet");
            return;
        }
        System.out.printf(
                Locale.ROOT, "%s line coverage: %.1f %% (%d of %d)%n", module, 100.0 * covered / lines, covered, lines);
    }
}
