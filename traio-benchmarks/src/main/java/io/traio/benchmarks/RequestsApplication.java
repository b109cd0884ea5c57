// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A web application with a database, loaded with and without the starter; none of its code knows scopes. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@RestController
public class RequestsApplication implements AutoCloseable {

    private static final int THREADS = 8;

    private final ObjectProvider<DataSource> database;
    private final ConfigurableApplicationContext context;

    RequestsApplication(ObjectProvider<DataSource> database, ConfigurableApplicationContext context) {
        this.database = database;
        this.context = context;
    }

    /**
     * Starts the application.
     *
     * @param virtualThreads whether requests are handled by virtual threads
     * @return the application, by whose {@code toString} its port is found
     */
    public static AutoCloseable start(boolean virtualThreads) {
        return new SpringApplicationBuilder(RequestsApplication.class)
                .properties(
                        "server.port=0",
                        "server.tomcat.threads.max=" + THREADS,
                        "server.tomcat.max-keep-alive-requests=-1",
                        "server.tomcat.keep-alive-timeout=-1",
                        "spring.threads.virtual.enabled=" + virtualThreads,
                        "logging.level.root=error",
                        "spring.main.banner-mode=off",
                        "spring.main.log-startup-info=false")
                .run()
                .getBean(RequestsApplication.class);
    }

    @Override
    public String toString() {
        return context.getEnvironment().getRequiredProperty("local.server.port");
    }

    @Override
    public void close() {
        context.close();
    }

    @Bean
    static DataSource database() {
        HikariDataSource pool = new HikariDataSource();
        // By name: DriverManager knows no drivers of other class loaders.
        pool.setDriverClassName("org.h2.Driver");
        pool.setJdbcUrl("jdbc:h2:mem:requests");
        pool.setMaximumPoolSize(THREADS);
        return pool;
    }

    @GetMapping("/hello")
    String hello() {
        return "hello";
    }

    @GetMapping("/row")
    String row() throws SQLException {
        try (Connection connection = database.getObject().getConnection();
                PreparedStatement statement = connection.prepareStatement("select 1");
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getString(1);
        }
    }
}
