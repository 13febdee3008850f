#include "nn/kernels/group_normalization.h"

#include "tests/support/kernel_cases.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <sstream>

using namespace kernel_cases;
using nn::GroupNormGeometry;
using nn::GroupScaling;

namespace {

constexpr double kTolerance = 1e-5;

struct Case {
    GroupNormGeometry g{};
    std::vector<float> x{}, gamma{}, beta{}, dy{};
    std::vector<double> y{}, mean{}, factor{}, dx{}, dgamma{}, dbeta{};

    [[nodiscard]] double weight(std::size_t i) const {
        return gamma.empty() ? 1.0 : static_cast<double>(gamma[i % gamma.size()]);
    }
};

/// The indices of the values of each group.
std::vector<std::vector<std::size_t>> groupsOf(const GroupNormGeometry& g) {
    std::vector<std::vector<std::size_t>> groups(static_cast<std::size_t>(g.samples * g.groups));
    for (std::int64_t i = 0; i < g.samples * g.sampleFloats(); ++i) {
        const std::int64_t group = i % g.channels / (g.channels / g.groups);
        groups[static_cast<std::size_t>(i / g.sampleFloats() * g.groups + group)].push_back(
            static_cast<std::size_t>(i));
    }
    return groups;
}

double factorOf(const GroupNormGeometry& g, double squares, double count) {
    const auto epsilon = static_cast<double>(g.epsilon);
    return g.scaling == GroupScaling::Length ? 1.0 / std::max(std::sqrt(squares), epsilon)
                                             : 1.0 / std::sqrt(squares / count + epsilon);
}

void expectGroup(Case& c, const std::vector<std::size_t>& group) {
    const GroupNormGeometry& g = c.g;
    const auto count = static_cast<double>(group.size());
    double mean = 0.0;
    double squares = 0.0;
    for (const std::size_t i : group) {
        mean += g.scaling == GroupScaling::Deviation ? static_cast<double>(c.x[i]) / count : 0.0;
    }
    for (const std::size_t i : group) {
        squares += std::pow(static_cast<double>(c.x[i]) - mean, 2);
    }
    const double factor = factorOf(g, squares, count);
    c.mean.push_back(mean);
    c.factor.push_back(factor);
    double sum = 0.0;
    double products = 0.0;
    for (const std::size_t i : group) {
        const double normal = (static_cast<double>(c.x[i]) - mean) * factor;
        const auto dy = static_cast<double>(c.dy[i]);
        const std::size_t channel = i % static_cast<std::size_t>(g.channels);
        c.y[i] =
            c.weight(i) * normal + (c.beta.empty() ? 0.0 : static_cast<double>(c.beta[channel]));
        c.dgamma[channel] += dy * normal;
        c.dbeta[channel] += dy;
        sum += dy * c.weight(i);
        products += dy * c.weight(i) * normal;
    }
    const bool clipped =
        g.scaling == GroupScaling::Length && std::sqrt(squares) <= static_cast<double>(g.epsilon);
    for (const std::size_t i : group) {
        const double normal = (static_cast<double>(c.x[i]) - mean) * factor;
        const double shared =
            clipped ? 0.0 : normal * products / (g.scaling == GroupScaling::Length ? 1.0 : count);
        const double offset = g.scaling == GroupScaling::Deviation ? sum / count : 0.0;
        c.dx[i] = factor * (static_cast<double>(c.dy[i]) * c.weight(i) - offset - shared);
    }
}

Case drawnCase(Dice& dice) {
    Case c;
    c.g.samples = dice.chance(0.1) ? dice.number(30, 70) : dice.number(1, 5);
    c.g.groups = dice.number(1, 5);
    c.g.channels = c.g.groups * dice.number(1, dice.chance(0.3) ? 40 : 8);
    c.g.positions = dice.chance(0.05) ? dice.number(120, 270) : dice.number(1, 12);
    if (c.g.groupFloats() < 4) {
        c.g.positions += 3;
    }
    c.g.scaling = static_cast<GroupScaling>(dice.number(0, 2));
    c.g.epsilon = dice.chance(0.5) ? 1e-3F : 0.1F;
    const std::int64_t values = c.g.samples * c.g.sampleFloats();
    c.x = dice.values(values, dice.chance(0.1) ? 1e-4 : 1.0); // some shorter than epsilon
    c.dy = dice.values(values);
    c.gamma = dice.values(dice.chance(0.7) ? c.g.channels : 0);
    c.beta = dice.values(dice.chance(0.7) ? c.g.channels : 0);
    c.y.resize(c.x.size());
    c.dx.resize(c.x.size());
    c.dgamma.resize(static_cast<std::size_t>(c.g.channels));
    c.dbeta.resize(static_cast<std::size_t>(c.g.channels));
    for (const auto& group : groupsOf(c.g)) {
        expectGroup(c, group);
    }
    return c;
}

std::string failureOf(nn::Parallel& parallel, ScratchMemory& scratch, const Case& c) {
    std::vector<float> y = c.x; // in place
    std::vector<float> mean = unwritten(c.g.samples * c.g.groups);
    std::vector<float> factor = mean;
    nn::groupNormForward(parallel, c.g,
                         {.x = y,
                          .gamma = c.gamma,
                          .beta = c.beta,
                          .y = y,
                          .mean = mean,
                          .factor = factor,
                          .scratch = scratch.of(nn::groupNormScratchFloats(c.g))});
    const bool forwardIntact = scratch.isIntact();
    std::vector<float> dx = unwritten(std::ssize(c.dx));
    std::vector<float> dgamma = unwritten(c.g.channels);
    std::vector<float> dbeta = unwritten(c.g.channels);
    nn::groupNormBackward(parallel, c.g,
                          {.x = c.x,
                           .gamma = c.gamma,
                           .mean = mean,
                           .factor = factor,
                           .dy = c.dy,
                           .dx = dx,
                           .dgamma = dgamma,
                           .dbeta = dbeta,
                           .scratch = scratch.of(nn::groupNormScratchFloats(c.g))});
    const double errors[] = {relativeError(y, c.y),           relativeError(mean, c.mean),
                             relativeError(factor, c.factor), relativeError(dx, c.dx),
                             relativeError(dgamma, c.dgamma), relativeError(dbeta, c.dbeta)};
    if (std::ranges::max(errors) < kTolerance && forwardIntact && scratch.isIntact()) {
        return {};
    }
    std::ostringstream text;
    text << c.g.samples << "×" << c.g.positions << "×" << c.g.channels << ", " << c.g.groups
         << " groups, scaling " << static_cast<int>(c.g.scaling) << ":";
    for (const double error : errors) {
        text << ' ' << error;
    }
    return text.str();
}

} // namespace

class TestGroupNormalization : public QObject {
    Q_OBJECT
private slots:
    void agreesWithReferenceOnRandomShapes();
    void givesSameBitsForAllThreads();
};

void TestGroupNormalization::agreesWithReferenceOnRandomShapes() {
    nn::Parallel parallel(2);
    ScratchMemory scratch;
    const std::string failure = failureOfCases(
        1, drawnCase, [&](const Case& c) { return failureOf(parallel, scratch, c); });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestGroupNormalization::givesSameBitsForAllThreads() {
    const GroupNormGeometry g{.samples = 37, .positions = 11, .channels = 21, .groups = 3};
    Dice dice(2);
    const auto x = dice.values(g.samples * g.sampleFloats());
    const auto dy = dice.values(g.samples * g.sampleFloats());
    QVERIFY(sameForAllThreads([&](nn::Parallel& parallel) {
        std::vector<float> mean = unwritten(g.samples * g.groups);
        std::vector<float> factor = mean;
        std::vector<float> scratch = unwritten(nn::groupNormScratchFloats(g));
        std::vector<float> all = unwritten(2 * std::ssize(x) + g.channels);
        const std::span<float> results(all);
        nn::groupNormForward(parallel, g,
                             {.x = x,
                              .y = results.first(x.size()),
                              .mean = mean,
                              .factor = factor,
                              .scratch = scratch});
        nn::groupNormBackward(parallel, g,
                              {.x = x,
                               .mean = mean,
                               .factor = factor,
                               .dy = dy,
                               .dx = results.subspan(x.size(), x.size()),
                               .dgamma = results.subspan(2 * x.size()),
                               .scratch = scratch});
        return all;
    }));
}

QTEST_APPLESS_MAIN(TestGroupNormalization)
#include "tst_group_normalization.moc"
