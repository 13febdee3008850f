#include "nn/train/forecast.h"

#include "nn/base/saturated.h"
#include "nn/base/text.h"
#include "nn/exec/memory_plan.h"
#include "nn/train/optimizer.h"
#include "nn/train/train_step.h"

#include <algorithm>
#include <limits>

namespace nn {
namespace {

constexpr double kTooLarge = 0.8;
constexpr double kTight = 0.6;
constexpr std::int64_t kFloatBytes = sizeof(float);
constexpr std::int64_t kAbsurd = std::numeric_limits<std::int64_t>::max() / 8;

std::int64_t floatBytes(std::int64_t floats) {
    return checkedProduct(floats, kFloatBytes).value_or(std::numeric_limits<std::int64_t>::max());
}

std::string remedies(const MemoryForecast& forecast) {
    std::vector<std::string> ways;
    if (forecast.batchSize > 1) {
        ways.emplace_back("a smaller batch size");
    }
    if (forecast.needs.size() > 2 && forecast.needs[2].bytes > 0) {
        ways.emplace_back("SGD without momentum, which keeps no state");
    }
    if (forecast.largestLayerParams * 2 * kFloatBytes > forecast.totalBytes / 4) {
        ways.push_back("fewer weights in \"" + forecast.largestLayer + "\" (" +
                       countText(static_cast<double>(forecast.largestLayerParams)) +
                       "): pooling before it, or GlobalAveragePooling2D in place of Flatten");
    }
    return ways.empty() ? "A smaller network would fit." : "What helps: " + join(ways, "; ") + ".";
}

/// Floats of one batch as the network takes it.
std::int64_t batchFloats(const Network& network, std::int64_t batch) {
    std::int64_t floats = 0;
    for (const std::size_t input : network.inputs()) {
        const Shape& shape = network.layers()[input].output;
        floats = saturatedSum(floats, shape.withBatch(batch).elements().value_or(kAbsurd));
    }
    return floats;
}

/// Gradients that are stored; those left as products are not.
std::int64_t gradientFloats(const Network& network, const MemoryPlan& plan) {
    std::int64_t floats = 0;
    for (std::size_t i = 0; i < network.variables().size(); ++i) {
        if (plan.variableGradients[i].bytes > 0) {
            floats = saturatedSum(floats,
                                  network.variables()[i].spec.shape.elements().value_or(kAbsurd));
        }
    }
    return floats;
}

/// What is needed besides the weights.
void addNeeds(const Network& network, const TrainSettings& settings, const Loss& loss,
              const SampleMemory& samples, std::vector<MemoryNeed>& needs) {
    const OptimizerDef* def = findOptimizerDef(settings.optimizer);
    const std::unique_ptr<Optimizer> optimizer =
        (def == nullptr ? optimizerDefs().front() : *def).make(settings.optimizerParams);
    const ExecutorOptions options = trainingOptions(network, settings, loss, *optimizer);
    const MemoryPlan plan = memoryPlan(network, options);
    const std::int64_t gradients = floatBytes(gradientFloats(network, plan));
    const std::int64_t state =
        def == nullptr ? 0
                       : optimizerStateFloats(*def, settings.optimizerParams, network.variables());
    const std::string batch = withThousands(settings.batchSize);
    needs.push_back({"gradients", gradients});
    needs.push_back({"state of " + settings.optimizer, floatBytes(state)});
    needs.push_back({"activations of a batch of " + batch + " and their gradients",
                     std::max<std::int64_t>(plan.bytes - gradients, 0)});
    needs.push_back({"the batch itself", floatBytes(batchFloats(network, settings.batchSize))});
    if (samples.validates) {
        const std::int64_t checking =
            plannedBytes(network, {.batchCapacity = settings.batchSize, .output = options.output});
        needs.push_back({"activations for validation", saturatedSum(checking, needs.back().bytes)});
    }
    if (samples.bytes > 0) {
        needs.push_back({.what = "samples", .bytes = samples.bytes, .isHeld = true});
    }
}

} // namespace

SampleMemory sampleMemory(const TrainData& training, const std::optional<TrainData>& validation,
                          const TrainSettings& settings) {
    SampleMemory memory{.bytes = training.bytes(),
                        .validates = settings.validationSplit > 0.0 || validation.has_value()};
    if (validation && !validation->sharesMemory(training)) {
        memory.bytes += validation->bytes();
    }
    return memory;
}

Expected<MemoryForecast> forecastTraining(const Graph& graph, const Inference& inference,
                                          const TrainSettings& settings,
                                          const SampleMemory& samples) {
    const Expected<const LossDef*> loss = chosenLoss(settings, inference);
    if (!loss) {
        return tl::unexpected(loss.error());
    }
    const Expected<std::shared_ptr<const Network>> network = Network::compile(graph, inference);
    if (!network) {
        return tl::unexpected(network.error());
    }
    MemoryForecast forecast;
    forecast.batchSize = settings.batchSize;
    std::int64_t floats = 0;
    for (const Variable& variable : (*network)->variables()) {
        const std::int64_t count = variable.spec.shape.elements().value_or(kAbsurd);
        floats = saturatedSum(floats, count);
        if (count > forecast.largestLayerParams) {
            forecast.largestLayerParams = count;
            forecast.largestLayer = variable.layer;
        }
    }
    const std::unique_ptr<const Loss> lossObject = (*loss)->make(settings.lossParams);
    forecast.needs = {{"weights", floatBytes(floats)}};
    addNeeds(**network, settings, *lossObject, samples, forecast.needs);
    for (const MemoryNeed& need : forecast.needs) {
        forecast.totalBytes = saturatedSum(forecast.totalBytes, need.bytes);
        forecast.heldBytes += need.isHeld ? need.bytes : 0;
    }
    return forecast;
}

MemoryVerdict memoryVerdict(const MemoryForecast& forecast, const MachineMemory& machine) {
    const auto needed = static_cast<double>(forecast.totalBytes - forecast.heldBytes);
    const auto available = static_cast<double>(machine.availableBytes);
    if (needed > kTooLarge * available) {
        return MemoryVerdict::TooLarge;
    }
    return needed > kTight * available ? MemoryVerdict::Tight : MemoryVerdict::Fits;
}

Expected<void> checkMemory(const MemoryForecast& forecast, const MachineMemory& machine) {
    if (memoryVerdict(forecast, machine) != MemoryVerdict::TooLarge) {
        return {};
    }
    std::string message = "Training needs " + byteText(forecast.totalBytes - forecast.heldBytes) +
                          " of memory, but " + machine.limit + " leaves " +
                          byteText(machine.availableBytes) +
                          ", of which at most 80 % may be used:\n";
    for (const MemoryNeed& need : forecast.needs) {
        if (need.isHeld) {
            continue;
        }
        const std::string size = byteText(need.bytes);
        message += "  " + std::string(size.size() < 12 ? 12 - size.size() : 0, ' ') + size + "  " +
                   need.what + "\n";
    }
    return failure(ErrorCode::TooLarge, message + remedies(forecast));
}

} // namespace nn
