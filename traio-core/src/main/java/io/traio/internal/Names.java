// SPDX-License-Identifier: Apache-2.0
package io.traio.internal;

/** Sanitizes names, so that none of them forges a log line, a terminal sequence or the reading direction. */
public final class Names {

    private static final int MAX_LENGTH = 200;

    private Names() {}

    /**
     * Returns the name with control, format and separator characters escaped, cut to 200 characters.
     *
     * @param name the name
     * @return a name that is safe to print
     */
    public static String printable(String name) {
        if (name.length() <= MAX_LENGTH && isPrintable(name)) {
            return name;
        }
        StringBuilder out = new StringBuilder(MAX_LENGTH + 16);
        int i = 0;
        while (i < name.length()) {
            int c = name.codePointAt(i);
            String shown = isPrintable(c) ? Character.toString(c) : String.format("\\u%04X", c);
            if (out.length() + shown.length() > MAX_LENGTH) {
                return out.append("...").toString();
            }
            out.append(shown);
            i += Character.charCount(c);
        }
        return out.toString();
    }

    private static boolean isPrintable(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < ' ' || c > '~') {
                return name.codePoints().allMatch(Names::isPrintable);
            }
        }
        return true;
    }

    private static boolean isPrintable(int c) {
        switch (Character.getType(c)) {
            case Character.CONTROL:
            case Character.FORMAT:
            case Character.SURROGATE:
            case Character.PRIVATE_USE:
            case Character.UNASSIGNED:
            case Character.LINE_SEPARATOR:
            case Character.PARAGRAPH_SEPARATOR:
                return false;
            default:
                return true;
        }
    }
}
