// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Some networks, as addresses or ranges such as {@code 10.0.0.0/8}. No names are looked up.
 *
 * <p>Thread-safe.
 */
public final class Networks {

    /** Digits and separators of addresses; anything else could be a name. */
    private static final Pattern V4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

    private static final Pattern V6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    /** Loopback, private and link-local networks. */
    public static final Networks PRIVATE = of(List.of(
            "127.0.0.0/8",
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "169.254.0.0/16",
            "::1",
            "fc00::/7",
            "fe80::/10"));

    private final List<Range> ranges;

    private Networks(List<Range> ranges) {
        this.ranges = ranges;
    }

    /**
     * Creates networks.
     *
     * @param texts addresses and ranges
     * @return the networks
     * @throws IllegalArgumentException if a text is neither
     */
    public static Networks of(List<String> texts) {
        return new Networks(texts.stream().map(Range::parse).toList());
    }

    /**
     * Returns whether an address is in one of the networks.
     *
     * @param text an address, in brackets or not; anything else is in none
     * @return whether a range contains it
     */
    public boolean contain(String text) {
        byte[] address = parse(text);
        return address != null && ranges.stream().anyMatch(range -> range.contains(address));
    }

    private static byte @Nullable [] parse(String text) {
        int zone = text.indexOf('%');
        String address = (zone < 0 ? text : text.substring(0, zone)).replaceAll("[\\[\\]]", "");
        if (!V4.matcher(address).matches() && !V6.matcher(address).matches()) {
            return null;
        }
        try {
            return InetAddress.getByName(address).getAddress();
        } catch (UnknownHostException notAnAddress) {
            return null;
        }
    }

    private record Range(byte[] address, int bits) {

        static Range parse(String text) {
            String[] parts = text.split("/", -1);
            byte[] address = Networks.parse(parts[0]);
            if (address == null || parts.length > 2) {
                throw new IllegalArgumentException("\"" + text + "\" is not an address or a range such as 10.0.0.0/8");
            }
            int all = address.length * Byte.SIZE;
            int bits = parts.length == 1 ? all : bits(parts[1]);
            if (bits < 0 || bits > all) {
                throw new IllegalArgumentException("\"" + text + "\" must have from 0 to " + all + " bits");
            }
            return new Range(address, bits);
        }

        private static int bits(String text) {
            return text.matches("[0-9]{1,3}") ? Integer.parseInt(text) : -1;
        }

        boolean contains(byte[] other) {
            if (other.length != address.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> bit % Byte.SIZE;
                if ((address[bit / Byte.SIZE] & mask) != (other[bit / Byte.SIZE] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }
}
