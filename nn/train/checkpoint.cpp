#include "nn/train/checkpoint.h"

#include "nn/base/text.h"

#include <algorithm>

namespace nn {
namespace {

tl::unexpected<Error> refused(const std::string& what) {
    return failure(ErrorCode::Usage, "The last run cannot be continued: " + what +
                                         ". Set it back, or begin a new run.");
}

/// The first setting that makes it another run, as "batch_size was 32 and is 64 now".
std::string difference(const TrainSettings& before, const TrainSettings& now) {
    const auto changed = [](const std::string& name, const std::string& was,
                            const std::string& is) {
        return name + " was " + was + " and is " + is + " now";
    };
    if (before.optimizer != now.optimizer) {
        return changed("the optimizer", before.optimizer, now.optimizer);
    }
    if (before.optimizerParams != now.optimizerParams) {
        return "the arguments of " + now.optimizer + " were changed";
    }
    if (before.loss != now.loss) {
        return changed("the loss", before.loss, now.loss);
    }
    if (before.batchSize != now.batchSize) {
        return changed("the batch size", std::to_string(before.batchSize),
                       std::to_string(now.batchSize));
    }
    if (before.seed != now.seed) {
        return changed("the seed", std::to_string(before.seed), std::to_string(now.seed));
    }
    TrainSettings same = before;
    same.epochs = now.epochs;
    same.threads = now.threads;
    return same == now ? "" : "the training settings were changed";
}

} // namespace

std::string Checkpoint::placeText(std::int64_t epochs) const {
    if (epoch >= epochs) {
        return "after epoch " + std::to_string(epoch) + ", the last";
    }
    const std::string next = "epoch " + std::to_string(epoch + 1) + " of " + std::to_string(epochs);
    return batch == 0 ? "at the start of " + next
                      : "in " + next + ", after " + std::to_string(batch) +
                            (batch == 1 ? " batch" : " batches");
}

std::string goingOnText(const Checkpoint& from, const std::string& file, std::int64_t epochs) {
    if (from.epoch < epochs) {
        return "Going on with the run kept in " + file + ", " + from.placeText(epochs) + ".";
    }
    return "The run kept in " + file + " has done its " + std::to_string(from.epoch) +
           (from.epoch == 1 ? " epoch" : " epochs") +
           ": nothing is left to train. More epochs go on with it; without the file a new run "
           "begins.";
}

Expected<void> checkCheckpoint(const Checkpoint& checkpoint, const Network& network,
                               const TrainSettings& settings, std::int64_t images) {
    if (const std::string what = difference(checkpoint.settings, settings); !what.empty()) {
        return refused(what);
    }
    if (checkpoint.images != images) {
        return refused("it trained on " + withThousands(checkpoint.images) +
                       " images, and now there are " + withThousands(images));
    }
    const bool fits =
        checkpoint.weights != nullptr &&
        std::ranges::equal(checkpoint.weights->variables, network.variables(),
                           [](const Variable& a, const Variable& b) {
                               return a.node == b.node && a.spec.name == b.spec.name &&
                                      a.spec.shape == b.spec.shape && a.trainable == b.trainable;
                           });
    if (!fits) {
        return refused("the network was changed since");
    }
    return {};
}

} // namespace nn
