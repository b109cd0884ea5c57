// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.InputStreamResource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.ResourceRegion;

class RequestScopeResponseBodyAdviceTest {

    private final Resource open = new InputStreamResource(InputStream.nullInputStream());
    private final Resource closed = new ByteArrayResource(new byte[] {1, 2});

    @Test
    void body_openResourceOrPartOfOne_mayBeFed() {
        assertThat(RequestScopeResponseBodyAdvice.isOpen(open)).isTrue();
        assertThat(RequestScopeResponseBodyAdvice.isOpen(List.of(new ResourceRegion(open, 0, 1))))
                .isTrue();
    }

    @Test
    void body_anythingElse_isComplete() {
        assertThat(RequestScopeResponseBodyAdvice.isOpen(closed)).isFalse();
        assertThat(RequestScopeResponseBodyAdvice.isOpen(List.of(new ResourceRegion(closed, 0, 1))))
                .isFalse();
        assertThat(RequestScopeResponseBodyAdvice.isOpen(List.of("text"))).isFalse();
        assertThat(RequestScopeResponseBodyAdvice.isOpen(null)).isFalse();
    }
}
