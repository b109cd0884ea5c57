// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import io.traio.Scope;
import java.net.URI;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;

/**
 * The values of the deadline header of one request: the time that is left whenever they are read, since an interceptor may
 * execute the request again. Values that the caller adds take its place.
 */
final class TimeLeft extends AbstractList<String> {

    private final Scope scope;
    private final HttpMethod method;
    private final URI uri;
    private final String first;
    private @Nullable List<String> own;

    TimeLeft(Scope scope, HttpMethod method, URI uri, String first) {
        this.scope = scope;
        this.method = method;
        this.uri = uri;
        this.first = first;
    }

    @Override
    public String get(int index) {
        if (own != null) {
            return own.get(index);
        }
        // Empty if the scope has ended, and its thread is at something else.
        return DeadlineHeader.valueFor(scope, method, uri).orElse(first);
    }

    @Override
    public int size() {
        return own != null ? own.size() : 1;
    }

    @Override
    public void add(int index, String value) {
        if (own == null) {
            own = new ArrayList<>(List.of(value));
        } else {
            own.add(index, value);
        }
        modCount++;
    }

    @Override
    public String remove(int index) {
        List<String> rest = new ArrayList<>(this);
        String removed = rest.remove(index);
        own = rest;
        modCount++;
        return removed;
    }
}
