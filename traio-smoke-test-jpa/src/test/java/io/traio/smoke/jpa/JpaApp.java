// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.jpa;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import java.util.List;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;

/** An application as Spring Boot sets it up, with one entity and its repository. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableJpaRepositories(considerNestedRepositories = true)
class JpaApp {

    /** Takes a minute for each item. */
    static final String SLOW_JPQL = "select i from Item i where function('pg_sleep', 60) is not null";

    @Entity(name = "Item")
    static class Item {

        @Id
        private int id;

        protected Item() {}

        Item(int id) {
            this.id = id;
        }

        int id() {
            return id;
        }
    }

    interface Items extends JpaRepository<Item, Integer> {

        @Query(SLOW_JPQL)
        List<Item> slowly();
    }
}
