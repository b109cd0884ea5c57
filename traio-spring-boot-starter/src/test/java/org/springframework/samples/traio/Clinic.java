// SPDX-License-Identifier: Apache-2.0
package org.springframework.samples.traio;

import io.traio.Scope;
import io.traio.spring.boot.inscope.InScope;
import org.springframework.stereotype.Component;

/** A component of an application whose packages are below Spring's, as those of Petclinic are. */
@Component
public class Clinic {

    /** Makes a clinic. */
    public Clinic() {}

    /**
     * The current scope.
     *
     * @return its name
     */
    @InScope("visit")
    public String visit() {
        return Scope.current().map(Scope::name).orElse("none");
    }
}
