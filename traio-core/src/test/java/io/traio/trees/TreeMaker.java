// SPDX-License-Identifier: Apache-2.0
package io.traio.trees;

import io.traio.Limiter;
import io.traio.ScopeOptions.Overflow;
import io.traio.trees.Step.How;
import io.traio.trees.Step.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Makes a random program from a seed. No program waits for itself: code waits without a limit only for what it has made
 * itself and for what came before it in the program and is not around it. So whatever hangs is the engine's fault.
 */
final class TreeMaker {

    private static final int MAX_DEPTH = 6;

    private final long seed;
    private final SplittableRandom random;
    private final List<Integer> tasks = new ArrayList<>();
    private final List<Integer> scopes = new ArrayList<>();
    private final Map<Integer, Integer> scopeOfTask = new HashMap<>();
    private final Set<Integer> blocking = new HashSet<>();
    /** Shared by scopes anywhere in the tree. */
    private final List<Limiter> limiters;

    private final boolean timeouts;
    private final boolean limits;
    private final boolean failures;
    private final boolean cancels;
    private final boolean stragglers;
    private final boolean callbacks;
    private final boolean catches;
    private final boolean interrupts;
    private final boolean backgrounds;
    private final boolean hooks;
    private boolean free;
    private int budget;
    private int ids;

    /**
     * Where a step stands.
     *
     * @param scope what it spawns into; -1 for nothing
     * @param around what must not be waited for, since it waits for this code
     * @param free whether it may wait without a limit for what is not its own
     * @param onOwner whether it runs on the owner thread of the tree, unless tasks run inline
     * @param inTask whether it is the code of a task or of a callback
     */
    private record Place(int scope, Set<Integer> around, boolean free, boolean onOwner, boolean inTask, int depth) {

        Place into(int newScope, int id, boolean stillFree) {
            Set<Integer> wider = new HashSet<>(around);
            wider.add(id);
            return new Place(newScope, wider, free && stillFree, onOwner, inTask, depth + 1);
        }

        Place task(boolean stillFree) {
            return new Place(scope, around, free && stillFree, false, true, depth);
        }
    }

    private TreeMaker(long seed) {
        this.seed = seed;
        random = new SplittableRandom(seed);
        timeouts = chance(35);
        limits = chance(35);
        failures = chance(50);
        cancels = chance(50);
        stragglers = chance(15);
        callbacks = chance(30);
        catches = chance(40);
        interrupts = chance(25);
        backgrounds = chance(40);
        hooks = chance(25);
        limiters = List.of(limiter("limiter-a"), limiter("limiter-b"));
    }

    private Limiter limiter(String name) {
        return Limiter.of(name, 1 + random.nextInt(3));
    }

    static Tree make(long seed) {
        return new TreeMaker(seed).make();
    }

    private Tree make() {
        Tree.Kind kind = Tree.Kind.values()[random.nextInt(Tree.Kind.values().length)];
        boolean debug = chance(70);
        boolean listenerThrows = chance(10);
        boolean propagatorThrows = failures && chance(12);
        budget = chance(50) ? 2 + random.nextInt(5) : chance(65) ? 6 + random.nextInt(10) : 14 + random.nextInt(20);
        // Where the caller runs a task whose turn comes late, any code may be in the way of it.
        free = !(kind.isInline() && limits);
        Place outside = new Place(-1, Set.of(), free, true, false, 0);
        List<Step> main = new ArrayList<>();
        do {
            main.add(scope(outside));
            if (chance(20)) {
                main.add(wait(outside));
            }
        } while (budget > 4);
        List<Tree.Actor> actors = new ArrayList<>();
        int count = interrupts || cancels ? 1 + random.nextInt(3) : chance(30) ? 1 : 0;
        for (int i = 0; i < count; i++) {
            budget = 1 + random.nextInt(3);
            actors.add(new Tree.Actor(random.nextInt(2_500), actor()));
        }
        return new Tree(seed, kind, debug, listenerThrows, propagatorThrows, ids, limiters, main, actors);
    }

    private List<Step> actor() {
        Place outside = new Place(-1, Set.of(), free, false, false, 2);
        List<Step> steps = new ArrayList<>();
        while (budget > 0) {
            budget--;
            int dice = random.nextInt(100);
            if (interrupts && dice < 45) {
                steps.add(new Step(Op.INTERRUPT));
            } else if (cancels && dice < 60) {
                steps.add(cancel(outside));
            } else if (dice < 70) {
                steps.add(wait(outside));
            } else if (dice < 72) {
                steps.add(new Step(Op.CLOSE_FACTORY));
            } else {
                steps.add(step(outside));
            }
        }
        return steps;
    }

    private List<Step> steps(Place place, int most) {
        List<Step> steps = new ArrayList<>();
        int count = 1 + random.nextInt(most);
        for (int i = 0; i < count && budget > 0; i++) {
            Step step = step(place);
            steps.add(step);
            if (step.op == Op.SPAWN && chance(30)) {
                steps.add(about(step.id, place));
            }
        }
        return steps;
    }

    /** Something about a task that was spawned just now. */
    private Step about(int task, Place place) {
        int dice = random.nextInt(100);
        Step step;
        if (callbacks && dice < 50) {
            step = callbackOnTask(task, place);
        } else if (cancels && dice < 65) {
            step = new Step(Op.CANCEL_TASK);
        } else {
            step = waitFor(task, Op.JOIN, place);
        }
        step.target = task;
        return step;
    }

    private Step step(Place place) {
        budget--;
        int dice = random.nextInt(100);
        boolean deep = place.depth >= MAX_DEPTH;
        if (dice < 32 && !deep) {
            return spawn(place);
        } else if (dice < 44 && !deep) {
            return scope(place);
        } else if (dice < 58) {
            return wait(place);
        } else if (dice < 64 && failures) {
            return fail();
        } else if (dice < 72 && cancels) {
            return cancel(place);
        } else if (dice < 79 && callbacks) {
            return callback(place);
        } else if (dice < 86 && catches && !deep) {
            return attempt(place);
        } else if (dice < 88 && interrupts && place.onOwner) {
            return new Step(Op.INTERRUPT_SELF);
        } else if (dice < 90 && timeouts && !scopes.isEmpty()) {
            Step step = new Step(Op.SET_TIMEOUT);
            step.target = any(scopes);
            step.micros = 500 + random.nextInt(4_000);
            return step;
        } else if (dice < 92 && !scopes.isEmpty()) {
            Step step = new Step(Op.LOOK);
            step.target = any(scopes);
            return step;
        } else if (hooks && !deep) {
            return hook(place);
        }
        return pause();
    }

    private Step hook(Place place) {
        Step step = new Step(Op.HOOK);
        step.micros = chance(50) ? 0 : random.nextInt(1_500);
        step.body.add(pause());
        step.body.addAll(steps(place, 2));
        return step;
    }

    private Step pause() {
        Step step = new Step(pick(Op.SLEEP, Op.SLEEP, Op.SLEEP, Op.BUSY, stragglers ? Op.IGNORE : Op.SLEEP));
        int dice = random.nextInt(10);
        step.micros = dice < 7 ? 20 + random.nextInt(800) : random.nextInt(timeouts || stragglers ? 6_000 : 2_500);
        if (step.op == Op.BUSY) {
            step.micros = step.micros / 8;
        } else if (step.op == Op.SLEEP && chance(30)) {
            step.how = How.QUEUE_POLL;
        } else if (step.op == Op.IGNORE && chance(40)) {
            step.how = How.KEEP_FLAG;
        }
        return step;
    }

    private Step fail() {
        Step step = new Step(Op.FAIL);
        step.how = failure();
        return step;
    }

    private How failure() {
        return pick(
                How.UNCHECKED,
                How.UNCHECKED,
                How.CHECKED,
                How.CHECKED,
                How.ERROR,
                How.SHARED_INSTANCE,
                How.INTERRUPTION_INSIDE);
    }

    /** A scope with a body, a resource, or a shared one. */
    private Step scope(Place place) {
        Step step = new Step(pick(Op.RUN, Op.RUN, Op.CALL, Op.OPEN, Op.SHARED));
        step.id = ids++;
        boolean free = true;
        int fork = -1;
        if (!scopes.isEmpty() && chance(12)) {
            fork = any(scopes);
            free = place.around.contains(fork);
        }
        Overflow overflow = pick(Overflow.QUEUE, Overflow.QUEUE, Overflow.BLOCK, Overflow.REJECT);
        boolean limited = limits && chance(50);
        step.scopeOptions = new Options.OfScope(
                timeouts && chance(30) ? 300 + random.nextInt(5_000) : 0,
                stragglers && chance(70) ? 300 + random.nextInt(1_500) : 0,
                limited ? 1 + random.nextInt(3) : 0,
                limited ? overflow : Overflow.QUEUE,
                limits && chance(40) ? limiters.get(random.nextInt(limiters.size())) : null,
                fork < 0 && chance(10),
                chance(12),
                fork);
        if (limited && overflow == Overflow.BLOCK) {
            blocking.add(step.id);
        }
        if (step.op == Op.OPEN && chance(15)) {
            step.how = How.NO_JOIN;
        } else if (step.op == Op.SHARED) {
            step.how = pick(How.PLAIN, How.PLAIN, How.COMPLETE_ONLY, How.CLOSE_ONLY, How.CANCEL_AND_AWAIT);
        }
        scopes.add(step.id);
        step.body.addAll(steps(place.into(step.id, step.id, free), 5));
        return step;
    }

    private Step spawn(Place place) {
        int target = place.scope >= 0 && !chance(12) || scopes.isEmpty() ? place.scope : any(scopes);
        if (target != place.scope && blocking.contains(target) && (place.scope >= 0 || place.inTask)) {
            target = place.scope;
        }
        if (target < 0) {
            return pause();
        }
        Step step = new Step(Op.SPAWN);
        step.id = ids++;
        step.target = target;
        step.how = chance(60) ? How.PLAIN : pick(How.UNNAMED, How.TRY_SPAWN, How.AWAIT);
        if (step.how == How.PLAIN || step.how == How.TRY_SPAWN) {
            step.taskOptions = new Options.OfTask(
                    backgrounds && chance(15),
                    !chance(20),
                    !(backgrounds && chance(35)),
                    stragglers && chance(30) ? 300 + random.nextInt(1_500) : 0,
                    stragglers && chance(25),
                    !chance(8));
        }
        boolean free = target == place.scope || place.around.contains(target);
        // Not to be joined by its own code.
        if (chance(25)) {
            step.body.add(pause());
        }
        step.body.addAll(steps(place.into(target, step.id, free).task(free), 4));
        tasks.add(step.id);
        scopeOfTask.put(step.id, target);
        return step;
    }

    /** Waits for a task or for a scope. */
    private Step wait(Place place) {
        boolean forTask = !tasks.isEmpty() && chance(75);
        if (!forTask && (scopes.isEmpty() || chance(20))) {
            return pause();
        }
        return forTask ? waitFor(any(tasks), Op.JOIN, place) : waitFor(any(scopes), Op.AWAIT_DONE, place);
    }

    private Step waitFor(int target, Op op, Place place) {
        Step step = new Step(op);
        step.target = target;
        boolean unlimited = place.free && !place.around.contains(step.target) && !chance(25);
        if (!unlimited) {
            step.micros = random.nextInt(1_500);
        }
        if (op == Op.JOIN) {
            step.how = unlimited ? pick(How.PLAIN, How.PLAIN, How.GET) : How.TIMED_GET;
        }
        return step;
    }

    private Step cancel(Place place) {
        boolean ofTask = !tasks.isEmpty() && chance(45);
        if (!ofTask && scopes.isEmpty()) {
            return pause();
        }
        Step step = new Step(ofTask ? Op.CANCEL_TASK : Op.CANCEL);
        step.target = ofTask ? any(tasks) : place.scope >= 0 && chance(40) ? place.scope : any(scopes);
        if (!ofTask && failures && chance(40)) {
            step.how = failure();
        }
        return step;
    }

    private Step callback(Place place) {
        if (tasks.isEmpty() || chance(25)) {
            if (scopes.isEmpty()) {
                return pause();
            }
            Step step = new Step(chance(50) ? Op.DEFER : Op.ON_SCOPE_DONE);
            step.target = any(scopes);
            step.body.addAll(steps(new Place(-1, Set.of(), false, false, true, MAX_DEPTH - 1), 2));
            return step;
        }
        return callbackOnTask(any(tasks), place);
    }

    private Step callbackOnTask(int task, Place place) {
        Step step = new Step(chance(40) ? Op.FUTURE : Op.ON_TASK_DONE);
        step.target = task;
        step.how = chance(50) ? How.LOOK : How.DROP;
        if (step.op == Op.ON_TASK_DONE) {
            int scope = scopeOfTask.get(step.target);
            boolean spawns = !blocking.contains(scope) || scope == place.scope;
            step.body.addAll(steps(new Place(spawns ? scope : -1, Set.of(), false, false, true, MAX_DEPTH - 1), 2));
        }
        return step;
    }

    private Step attempt(Place place) {
        Step step = new Step(Op.TRY);
        step.how = pick(
                How.SWALLOW_INTERRUPT,
                How.SWALLOW_CANCELLED,
                How.SWALLOW_ALL,
                How.WRAP,
                How.WRAP_CHECKED,
                How.WRAP_AND_KEEP_FLAG,
                place.scope >= 0 ? How.CANCEL_AND_RETHROW : How.FINALLY,
                How.FINALLY);
        step.target = step.how == How.CANCEL_AND_RETHROW ? place.scope : -1;
        step.body.addAll(steps(place, 3));
        if (step.how == How.FINALLY) {
            budget++;
            step.cleanup.add(chance(60) ? pause() : wait(place));
        }
        return step;
    }

    private int any(List<Integer> from) {
        // What came last is the more interesting.
        int last = from.size() - 1;
        return from.get(chance(50) ? last - random.nextInt(Math.min(3, last + 1)) : random.nextInt(last + 1));
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    @SafeVarargs
    private final <E> E pick(E... from) {
        return from[random.nextInt(from.length)];
    }
}
