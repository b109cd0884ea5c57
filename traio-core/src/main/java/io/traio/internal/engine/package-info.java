// SPDX-License-Identifier: Apache-2.0
/**
 * The engine. Entered through {@link io.traio.internal.engine.Engines} only. A task travels through the steps: spawn, run,
 * finish, scope end, observed. The rooms:
 *
 * <ul>
 *   <li><b>door</b>: {@code Engines}; {@code DefaultScopeFactory} and {@code Opener} open scopes, {@code Engine} is what the
 *       scopes of a factory share, {@code LiveScopes} lists them, {@code OpeningPlaces} reports leaked ones
 *   <li><b>data</b>: {@code TaskNode} and {@code ScopeNode}, which are {@code Node}s, and {@code ScopeHandle}, which users
 *       call; the fields of a scope, in the order that memory wants, are in {@code ScopeTreeFields}, {@code
 *       ScopeRecordFields} and {@code ScopeWordFields}. {@code Members} is what lives in a scope, {@code Admission} counts it
 *       by the transitions of {@code ScopeWord}, {@code Body} is what the owner is in; the lists that hold members and
 *       waiters; failures
 *   <li><b>rules</b>: what an exit or a join throws
 *   <li><b>thread</b>: {@code Frame} is code that a thread is in, {@code CurrentFrame} finds it, {@code ThisThread} says in
 *       which scopes it is, {@code InterruptAccount} says whose interrupt is whose by {@code InterruptCounts}, {@code Shield}
 *       keeps some off, {@code HeldInterrupts} lets some wait for a {@code RegisteredHook}; {@code Waits}, {@code WaitCycle}
 *       for those that would wait for themselves, and {@code Loan} for threads that are lent meanwhile
 *   <li><b>steps</b>: {@code TaskSpawn} with {@code TaskStart}, {@code TaskRun}, {@code TaskFinish}, {@code ScopeEnd} with
 *       {@code Cancellation}, {@code ScopeExit}, {@code OpenHandle}, and {@code Resources}
 *   <li><b>time</b>: {@code Deadline}, {@code Stragglers}
 *   <li><b>queue</b>: {@code TaskQueue} holds tasks that have no permit or no thread yet, {@code SharedLimiter} what several
 *       scopes share, {@code Permits} counts
 *   <li><b>watch</b>: {@code Observers} notifies listeners and logs; callbacks, context, snapshots, flight events
 * </ul>
 */
@NullMarked
package io.traio.internal.engine;

import org.jspecify.annotations.NullMarked;
