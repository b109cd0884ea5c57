// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import io.traio.Scope;
import jakarta.servlet.http.HttpServletRequest;
import java.util.function.BiConsumer;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.servlet.HandlerMapping;

/** Says which request a root scope belongs to: the method, and the pattern of the path, but never the path itself. */
public final class HttpAttributes implements ScopeAttributesContributor {

    @Override
    public void contribute(Scope root, BiConsumer<String, String> attributes) {
        if (!(RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes current)) {
            return;
        }
        HttpServletRequest request = current.getRequest();
        attributes.accept(RootAttributes.METHOD, request.getMethod());
        // Missing where no handler has been chosen yet, as in a filter.
        Object pattern = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
        if (pattern != null) {
            attributes.accept(RootAttributes.ROUTE, pattern.toString());
        }
    }
}
