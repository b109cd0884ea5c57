// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.inscope.autoconfigure;

import io.traio.spring.boot.inscope.InvalidInScopeException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Reports an invalid {@code @InScope} without a stack trace. */
final class InvalidInScopeFailureAnalyzer extends AbstractFailureAnalyzer<InvalidInScopeException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, InvalidInScopeException cause) {
        return new FailureAnalysis(
                cause.getMessage(), "Correct the annotation, or the property that its placeholder names.", cause);
    }
}
