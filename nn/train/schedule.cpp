#include "nn/train/schedule.h"

#include "nn/model/object_table.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace nn {
namespace {

/// initial · rate^(t / steps).
struct ExponentialDecay {
    double initialLearningRate = 0.01;
    double decaySteps = 1000.0;
    double decayRate = 0.9;
    bool staircase = false;

    [[nodiscard]] double at(double t) const {
        const double decays = staircase ? std::floor(t / decaySteps) : t / decaySteps;
        return initialLearningRate * std::pow(decayRate, decays);
    }
};

/// values[i] up to and with boundaries[i], the last behind them all.
struct PiecewiseConstantDecay {
    std::vector<double> boundaries{1000.0, 2000.0};
    std::vector<double> values{0.01, 0.001, 0.0001};

    [[nodiscard]] double at(double t) const {
        const auto next = std::ranges::lower_bound(boundaries, t);
        const auto place = static_cast<std::size_t>(next - boundaries.begin());
        return values[std::min(place, values.size() - 1)];
    }
};

/// (initial − end) · (1 − t / steps)^power + end.
struct PolynomialDecay {
    double initialLearningRate = 0.01;
    double decaySteps = 1000.0;
    double endLearningRate = 0.0001;
    double power = 1.0;
    bool cycle = false;

    [[nodiscard]] double at(double t) const {
        const double cycles = cycle ? std::max(std::ceil(t / decaySteps), 1.0) : 1.0;
        const double done = std::min(t / (decaySteps * cycles), 1.0);
        return (initialLearningRate - endLearningRate) * std::pow(1.0 - done, power) +
               endLearningRate;
    }
};

/// initial / (1 + rate · t / steps).
struct InverseTimeDecay {
    double initialLearningRate = 0.01;
    double decaySteps = 1000.0;
    double decayRate = 0.5;
    bool staircase = false;

    [[nodiscard]] double at(double t) const {
        const double decays = staircase ? std::floor(t / decaySteps) : t / decaySteps;
        return initialLearningRate / (1.0 + decayRate * decays);
    }
};

/// Half a cosine from 1 to alpha, for `done` from 0 to 1.
double cosineFactor(double done, double alpha, double height = 1.0) {
    const double cosine = 0.5 * height * (1.0 + std::cos(std::numbers::pi * done));
    return (1.0 - alpha) * cosine + alpha;
}

/// Loshchilov and Hutter 2017, without restarts; a straight line to `warmupTarget` before it.
struct CosineDecay {
    double initialLearningRate = 0.01;
    double decaySteps = 1000.0;
    double alpha = 0.0;
    std::optional<double> warmupTarget;
    double warmupSteps = 0.0;

    [[nodiscard]] double at(double t) const {
        if (!warmupTarget) {
            return initialLearningRate * cosineFactor(std::min(t / decaySteps, 1.0), alpha);
        }
        if (t < warmupSteps) {
            return initialLearningRate + (*warmupTarget - initialLearningRate) * t / warmupSteps;
        }
        const double done = std::min((t - warmupSteps) / decaySteps, 1.0);
        return *warmupTarget * cosineFactor(done, alpha);
    }
};

/// Loshchilov and Hutter 2017 with restarts, each `tMul` times longer and `mMul` times as high.
struct CosineDecayRestarts {
    double initialLearningRate = 0.01;
    double firstDecaySteps = 1000.0;
    double tMul = 2.0;
    double mMul = 1.0;
    double alpha = 0.0;

    [[nodiscard]] double at(double t) const {
        const double done = t / firstDecaySteps;
        // A restart on the step itself must not be lost to rounding.
        constexpr double rounding = 1e-9;
        if (tMul == 1.0) {
            const double restarts = std::floor(done + rounding);
            return rateAfter(restarts, done - restarts);
        }
        const double restarts =
            std::floor(std::log(1.0 - done * (1.0 - tMul)) / std::log(tMul) + rounding);
        const double length = std::pow(tMul, restarts);
        const double before = (1.0 - length) / (1.0 - tMul);
        return rateAfter(restarts, (done - before) / length);
    }

private:
    [[nodiscard]] double rateAfter(double restarts, double done) const {
        return initialLearningRate * cosineFactor(done, alpha, std::pow(mMul, restarts));
    }
};

ParamDetail initialDetail() {
    return {.min = 0.0,
            .max = 1000.0,
            .step = 0.001,
            .help = "The learning rate of the first step.",
            .required = true};
}

ParamDetail stepsDetail(std::string help) {
    return {.min = 0.0,
            .max = 1e12,
            .minExclusive = true,
            .step = 100.0,
            .unit = "steps",
            .help = std::move(help),
            .required = true};
}

ParamDetail factorDetail(std::string help, double max = 1000.0) {
    return {.min = 0.0, .max = max, .step = 0.1, .help = std::move(help)};
}

constexpr const char* kStaircaseHelp =
    "Keeps the rate for decay_steps steps and then jumps, in place of sinking at every step.";

template <typename Decay>
void add(ObjectTable<Schedule>& family, std::string type, std::string title, std::string help,
         ParamTable<Decay> table) {
    family.add<Decay>({.type = std::move(type), .title = std::move(title), .help = std::move(help)},
                      std::move(table), [](const Decay& decay) -> Schedule {
                          return [decay](std::int64_t step) {
                              return decay.at(static_cast<double>(step));
                          };
                      });
}

void addPowers(ObjectTable<Schedule>& family) {
    ParamTable<ExponentialDecay> exponential;
    exponential.add(&ExponentialDecay::initialLearningRate, "initial_learning_rate",
                    initialDetail());
    exponential.add(&ExponentialDecay::decaySteps, "decay_steps",
                    stepsDetail("Steps after which the rate is multiplied by decay_rate."));
    ParamDetail rate = factorDetail("What the rate is multiplied by after decay_steps steps.");
    rate.required = true;
    exponential.add(&ExponentialDecay::decayRate, "decay_rate", ParamDetail(rate));
    exponential.add(&ExponentialDecay::staircase, "staircase", {.help = kStaircaseHelp});
    add(family, "ExponentialDecay", "sinks by a share",
        "Multiplies the learning rate by decay_rate every decay_steps steps.",
        std::move(exponential));

    ParamTable<InverseTimeDecay> inverse;
    inverse.add(&InverseTimeDecay::initialLearningRate, "initial_learning_rate", initialDetail());
    inverse.add(&InverseTimeDecay::decaySteps, "decay_steps",
                stepsDetail("Steps after which decay_rate is added to the divisor."));
    rate.help = "What is added to the divisor after decay_steps steps.";
    inverse.add(&InverseTimeDecay::decayRate, "decay_rate", ParamDetail(rate));
    inverse.add(&InverseTimeDecay::staircase, "staircase", {.help = kStaircaseHelp});
    add(family, "InverseTimeDecay", "sinks as 1 / t",
        "Divides the learning rate by 1 + decay_rate · t / decay_steps: fast at first, then ever "
        "slower.",
        std::move(inverse));

    ParamTable<PolynomialDecay> polynomial;
    polynomial.add(&PolynomialDecay::initialLearningRate, "initial_learning_rate", initialDetail());
    polynomial.add(&PolynomialDecay::decaySteps, "decay_steps",
                   stepsDetail("Steps after which end_learning_rate is reached."));
    polynomial.add(&PolynomialDecay::endLearningRate, "end_learning_rate",
                   {.min = 0.0, .max = 1000.0, .step = 0.0001, .help = "The rate at the end."});
    polynomial.add(&PolynomialDecay::power, "power",
                   factorDetail("Shape of the way down: 1 is a straight line, 2 sinks faster at "
                                "first."));
    polynomial.add(&PolynomialDecay::cycle, "cycle",
                   {.help = "Rises again behind decay_steps, to ever longer and lower slopes."});
    add(family, "PolynomialDecay", "straight or bent line",
        "Leads the learning rate from one value to another within decay_steps steps.",
        std::move(polynomial));
}

void addSteps(ObjectTable<Schedule>& family) {
    ParamTable<PiecewiseConstantDecay> table;
    table.add(&PiecewiseConstantDecay::boundaries, "boundaries",
              {.min = 0.0,
               .max = 1e12,
               .minCount = 1,
               .maxCount = 1000,
               .unit = "steps",
               .help = "The last step of each value but the last, growing.",
               .required = true});
    table.add(&PiecewiseConstantDecay::values, "values",
              {.min = 0.0,
               .max = 1000.0,
               .minCount = 2,
               .maxCount = 1001,
               .help = "The learning rates, one more than there are boundaries.",
               .required = true});
    add(family, "PiecewiseConstantDecay", "given steps",
        "Keeps the learning rate constant between the given steps.", std::move(table));
}

void addCosines(ObjectTable<Schedule>& family) {
    constexpr const char* alphaHelp = "The lowest rate, as a share of the highest.";
    ParamTable<CosineDecay> cosine;
    cosine.add(&CosineDecay::initialLearningRate, "initial_learning_rate", initialDetail());
    cosine.add(&CosineDecay::decaySteps, "decay_steps",
               stepsDetail("Steps from the highest rate to the lowest."));
    cosine.add(&CosineDecay::alpha, "alpha", factorDetail(alphaHelp, 1.0));
    cosine.add(&CosineDecay::warmupTarget, "warmup_target",
               {.min = 0.0,
                .max = 1000.0,
                .step = 0.001,
                .help = "The rate to which a warm-up rises before the decay. None: no warm-up."});
    cosine.add(&CosineDecay::warmupSteps, "warmup_steps",
               {.min = 0.0,
                .max = 1e12,
                .step = 100.0,
                .unit = "steps",
                .help = "How long the warm-up takes.",
                .shownWhenParam = "warmup_target",
                .shownWhenNot = None{}});
    add(family, "CosineDecay", "half a cosine, with warm-up",
        "Lowers the learning rate along half a cosine: slowly, fast, slowly. Can rise to its value "
        "first. A good choice for most networks.",
        std::move(cosine));

    ParamTable<CosineDecayRestarts> restarts;
    restarts.add(&CosineDecayRestarts::initialLearningRate, "initial_learning_rate",
                 initialDetail());
    restarts.add(&CosineDecayRestarts::firstDecaySteps, "first_decay_steps",
                 stepsDetail("Steps of the first way down."));
    ParamDetail longer = factorDetail("How many times longer each way down is than the last.");
    longer.min = 1.0;
    restarts.add(&CosineDecayRestarts::tMul, "t_mul", std::move(longer));
    restarts.add(&CosineDecayRestarts::mMul, "m_mul",
                 factorDetail("How many times as high each restart is as the last."));
    restarts.add(&CosineDecayRestarts::alpha, "alpha", factorDetail(alphaHelp, 1.0));
    add(family, "CosineDecayRestarts", "cosines that start again",
        "Half a cosine again and again: each restart shakes the network out of its place, each "
        "descent settles it.",
        std::move(restarts));
}

const ObjectTable<Schedule>& scheduleTable() {
    static const ObjectTable<Schedule> table = [] {
        ObjectTable<Schedule> all;
        addCosines(all);
        addPowers(all);
        addSteps(all);
        return all;
    }();
    return table;
}

} // namespace

const ObjectFamily& scheduleFamily() {
    static const ObjectFamily family{
        .name = "schedule",
        .phrase = "a learning rate schedule",
        .module = "keras.optimizers.schedules",
        .defs = []() -> const std::vector<ObjectDef>& { return scheduleTable().defs(); }};
    return family;
}

Schedule scheduleOf(const RealOrObject& rate) {
    if (const auto* constant = std::get_if<double>(&rate)) {
        return [value = *constant](std::int64_t) { return value; };
    }
    return scheduleTable().made(std::get<ParamObject>(rate)).value();
}

double learningRateAt(const ParamValue& rate, std::int64_t step) {
    if (const auto* object = std::get_if<ParamObject>(&rate)) {
        return scheduleOf(*object)(step);
    }
    return detail::realOf(rate);
}

Expected<void> checkSchedule(const ParamObject& schedule) {
    if (schedule.type() != "PiecewiseConstantDecay") {
        return {};
    }
    const ObjectDef& def = *findObjectDef(scheduleFamily(), schedule.type());
    const auto list = [&](const char* name) {
        return std::get<std::vector<double>>(
            paramValue(schedule.params(), *findSpec(def.params, name)));
    };
    const std::vector<double> boundaries = list("boundaries");
    const std::size_t values = list("values").size();
    if (values != boundaries.size() + 1) {
        return failure(ErrorCode::Usage,
                       "PiecewiseConstantDecay expects one value more than boundaries, but "
                       "received " +
                           std::to_string(boundaries.size()) + " boundaries and " +
                           std::to_string(values) + " values.");
    }
    if (!std::ranges::is_sorted(boundaries)) {
        return failure(ErrorCode::Usage,
                       "PiecewiseConstantDecay expects boundaries that grow. Put them in order.");
    }
    return {};
}

} // namespace nn
