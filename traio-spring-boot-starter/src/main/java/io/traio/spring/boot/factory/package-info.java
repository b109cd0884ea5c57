// SPDX-License-Identifier: Apache-2.0
/**
 * The application's {@link io.traio.ScopeFactory}, and what the features share.
 *
 * <p>{@link io.traio.spring.boot.factory.ScopeFactoryCustomizer} beans customize the factory.
 * {@link io.traio.spring.boot.factory.OperatorCancelledException} is thrown by scopes that an operator has cancelled: the
 * endpoint creates it and metrics recognize it.
 *
 * <h2>Map of the starter</h2>
 *
 * <p>Each feature has a package. Its subpackage {@code autoconfigure} holds the auto-configuration and whatever only that
 * needs; no other code uses it.
 *
 * <table>
 * <caption>Features</caption>
 * <tr><th>package</th><th>feature</th><th>depends on</th></tr>
 * <tr><td>{@code factory}</td><td>the scope factory; all properties</td><td></td></tr>
 * <tr><td>{@code task}</td><td>executors: the one that runs tasks, and the one that spawns them</td><td>factory</td></tr>
 * <tr><td>{@code propagation}</td><td>context to tasks, and the current scope to other threads</td><td>factory, internal</td></tr>
 * <tr><td>{@code inscope}</td><td>the annotation {@code @InScope}</td><td>factory</td></tr>
 * <tr><td>{@code request}</td><td>a scope for each servlet and WebFlux request</td><td>factory, internal</td></tr>
 * <tr><td>{@code reactor}</td><td>scopes and tasks in Reactor</td><td>internal</td></tr>
 * <tr><td>{@code deadline}</td><td>deadlines across services</td><td>factory, request, reactor</td></tr>
 * <tr><td>{@code grpc}</td><td>a scope for each gRPC call, and calls that end with theirs</td><td>factory, endpoint, internal</td></tr>
 * <tr><td>{@code http}</td><td>calls by HTTP that end with their scope</td><td>internal</td></tr>
 * <tr><td>{@code transaction}</td><td>the guard against tasks in transactions</td><td>factory</td></tr>
 * <tr><td>{@code jdbc}</td><td>JDBC statements that are cancelled with their scope</td><td>factory, internal</td></tr>
 * <tr><td>{@code lifecycle}</td><td>the end of scopes at shutdown</td><td>factory</td></tr>
 * <tr><td>{@code metrics}</td><td>meters</td><td>factory</td></tr>
 * <tr><td>{@code observation}</td><td>observations, and so traces</td><td>factory</td></tr>
 * <tr><td>{@code endpoint}</td><td>the actuator endpoint {@code scopes} and its live page</td><td>factory, internal</td></tr>
 * <tr><td>{@code health}</td><td>the health contributor {@code scopes}</td><td>factory</td></tr>
 * <tr><td>{@code internal}</td><td>helpers of several features; not for applications</td><td></td></tr>
 * </table>
 */
@NullMarked
package io.traio.spring.boot.factory;

import org.jspecify.annotations.NullMarked;
