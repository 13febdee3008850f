#include "nn/layers/support/mixing.h"

#include "nn/layers/support/copies.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nn {
namespace {

/// The logarithm of a number of the gamma distribution (Marsaglia and Tsang 2000). Small parameters
/// give numbers too small to be written down.
double logGammaNumber(RandomSequence& random, double parameter) {
    const double d = parameter + 1.0 - 1.0 / 3.0;
    const double c = 1.0 / std::sqrt(9.0 * d);
    for (;;) {
        const double normal = random.normal();
        const double root = 1.0 + c * normal;
        const double uniform = 1.0 - random.uniform();
        if (root <= 0.0) {
            continue;
        }
        const double cube = root * root * root;
        if (std::log(uniform) < 0.5 * normal * normal + d * (1.0 - cube + std::log(cube))) {
            // From parameter + 1 to parameter by a power of a uniform number.
            return std::log(d * cube) + std::log(1.0 - random.uniform()) / parameter;
        }
    }
}

/// The order in which images meet others: image i meets order[i].
std::vector<std::size_t> shuffled(RandomSequence& random, std::size_t count) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = count; i > 1; --i) {
        std::swap(order[i - 1], order[static_cast<std::size_t>(random.below(i))]);
    }
    return order;
}

class MixingKernel final : public Kernel {
public:
    MixingKernel(BatchMixDraw draw, std::optional<std::int64_t> seed, const Shape& image)
        : m_draw(std::move(draw)), m_seed(seed), m_height(image[0]), m_width(image[1]),
          m_channels(static_cast<std::size_t>(image[2])),
          m_length(static_cast<std::size_t>(image.count())) {}

    [[nodiscard]] KernelMemory memory(std::int64_t /*batch*/, Phase /*phase*/) const override {
        return {};
    }
    void forward(const ForwardArgs& args) const override {
        if (args.phase == Phase::Inference) {
            copyValues(*args.parallel, args.inputs[0], args.output);
            return;
        }
        const Batch batch = drawn(args.key, args.batch);
        args.parallel->run(args.batch, [&](std::int64_t sample, int /*worker*/) {
            const auto own = static_cast<std::size_t>(sample);
            add(batch.mixes[own], Part::Own, args.inputs[0].subspan(own * m_length, m_length),
                args.output.subspan(own * m_length, m_length), Write::Over);
            add(batch.mixes[own], Part::Other,
                args.inputs[0].subspan(batch.order[own] * m_length, m_length),
                args.output.subspan(own * m_length, m_length), Write::Onto);
        });
    }
    void backward(const BackwardArgs& args) const override {
        if (args.inputGradients[0].empty()) {
            return;
        }
        const Batch batch = drawn(args.key, args.batch);
        std::vector<std::size_t> receivers(batch.order.size());
        for (std::size_t i = 0; i < receivers.size(); ++i) {
            receivers[batch.order[i]] = i;
        }
        const std::span<const float> gradients = args.outputGradient;
        args.parallel->run(args.batch, [&](std::int64_t sample, int /*worker*/) {
            const auto own = static_cast<std::size_t>(sample);
            const std::size_t receiver = receivers[own];
            const auto target = args.inputGradients[0].subspan(own * m_length, m_length);
            add(batch.mixes[own], Part::Own, gradients.subspan(own * m_length, m_length), target,
                Write::Over);
            add(batch.mixes[receiver], Part::Other,
                gradients.subspan(receiver * m_length, m_length), target, Write::Onto);
        });
    }
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }
    [[nodiscard]] bool isIdentity(Phase phase) const override { return phase == Phase::Inference; }

private:
    struct Batch {
        std::vector<Mix> mixes;
        std::vector<std::size_t> order;
    };
    [[nodiscard]] Batch drawn(const StepKey& key, std::int64_t batch) const {
        RandomSequence common = augmentationNumbers(key, m_seed, kBatchRow);
        const MixDraw draw = m_draw(common);
        Batch result;
        for (std::int64_t sample = 0; sample < batch; ++sample) {
            RandomSequence random = augmentationNumbers(
                key, m_seed, key.firstSample + static_cast<std::uint64_t>(sample));
            result.mixes.push_back(draw(random));
        }
        result.order = shuffled(common, static_cast<std::size_t>(batch));
        return result;
    }

    enum class Part { Own, Other };
    enum class Write { Over, Onto };
    /// Writes or adds the part that an image has in a mixture.
    void add(const Mix& mix, Part part, std::span<const float> source, std::span<float> target,
             Write write) const {
        for (std::int64_t pixel = 0; pixel < m_height * m_width; ++pixel) {
            const std::int64_t row = pixel / m_width;
            const std::int64_t column = pixel % m_width;
            const bool isInside =
                row >= mix.top && row < mix.bottom && column >= mix.left && column < mix.right;
            const float own = isInside ? 0.0F : mix.share;
            const float share = part == Part::Own ? own : 1.0F - own;
            const std::size_t first = static_cast<std::size_t>(pixel) * m_channels;
            for (std::size_t i = first; i < first + m_channels; ++i) {
                target[i] = (write == Write::Over ? 0.0F : target[i]) + share * source[i];
            }
        }
    }

    BatchMixDraw m_draw;
    std::optional<std::int64_t> m_seed;
    std::int64_t m_height;
    std::int64_t m_width;
    std::size_t m_channels;
    std::size_t m_length;
};

} // namespace

double betaNumber(RandomSequence& random, double parameter) {
    const double first = logGammaNumber(random, parameter);
    const double second = logGammaNumber(random, parameter);
    return 1.0 / (1.0 + std::exp(second - first));
}

std::vector<double> dirichletNumbers(RandomSequence& random, std::size_t count, double parameter) {
    std::vector<double> logs(count);
    std::ranges::generate(logs, [&] { return logGammaNumber(random, parameter); });
    const double most = std::ranges::max(logs);
    double sum = 0.0;
    for (double& value : logs) {
        value = std::exp(value - most);
        sum += value;
    }
    for (double& value : logs) {
        value /= sum;
    }
    return logs;
}

std::shared_ptr<const Kernel> mixingKernel(BatchMixDraw draw, std::optional<std::int64_t> seed,
                                           const Shape& image) {
    return std::make_shared<MixingKernel>(std::move(draw), seed, image);
}

} // namespace nn
