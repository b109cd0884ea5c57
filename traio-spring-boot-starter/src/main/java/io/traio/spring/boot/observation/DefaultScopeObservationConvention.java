// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.observation;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.traio.spi.CancelReason;
import io.traio.spi.ScopeOutcome;
import io.traio.spring.boot.observation.TraioObservationDocumentation.ScopeHighCardinalityKeys;
import io.traio.spring.boot.observation.TraioObservationDocumentation.ScopeLowCardinalityKeys;
import java.util.Locale;

/** The default convention for scopes, as {@link TraioObservationDocumentation#SCOPE} documents it. */
public class DefaultScopeObservationConvention implements ScopeObservationConvention {

    private static final KeyValue OUTCOME_UNKNOWN = ScopeLowCardinalityKeys.OUTCOME.withValue("unknown");
    private static final KeyValue REASON_NONE = ScopeLowCardinalityKeys.REASON.withValue("none");

    /** Creates a convention. */
    public DefaultScopeObservationConvention() {}

    @Override
    public String getName() {
        return "traio.observation.scope";
    }

    @Override
    public String getContextualName(ScopeObservationContext context) {
        return "scope " + context.getScope().displayName();
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(ScopeObservationContext context) {
        ScopeOutcome outcome = context.getOutcome();
        if (outcome == null) {
            return KeyValues.of(OUTCOME_UNKNOWN, REASON_NONE);
        }
        CancelReason reason = outcome.reason();
        return KeyValues.of(
                ScopeLowCardinalityKeys.OUTCOME.withValue(lowerCase(outcome.kind())),
                reason != null ? ScopeLowCardinalityKeys.REASON.withValue(lowerCase(reason)) : REASON_NONE);
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(ScopeObservationContext context) {
        return KeyValues.of(
                ScopeHighCardinalityKeys.SCOPE_NAME.withValue(context.getScope().displayName()),
                ScopeHighCardinalityKeys.SCOPE_ID.withValue(
                        Long.toString(context.getScope().id())));
    }

    private static String lowerCase(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
