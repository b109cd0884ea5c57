// SPDX-License-Identifier: Apache-2.0
package org.springframework.samples.traio;

import io.traio.Scope;
import io.traio.spring.boot.annotation.InScope;

/** A user's bean, as that of Petclinic below a package of Spring's. */
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
