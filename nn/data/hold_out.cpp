#include "nn/data/hold_out.h"

#include "nn/base/text.h"
#include "nn/data/split.h"

namespace nn::data {

Expected<DataSource> heldOut(const Dataset& all, double fraction, std::uint64_t seed) {
    if (fraction == 0.0) {
        return DataSource{.train = all};
    }
    const Expected<Split> split = stratifiedSplit(all.labels(), fraction, seed);
    if (!split) {
        return tl::unexpected(split.error());
    }
    if (split->validation.empty()) {
        return DataSource{.train = all,
                          .notes = {"There are too few images of each class to hold any out for "
                                    "testing; all are used for training."}};
    }
    const auto kept = static_cast<std::int64_t>(split->validation.size());
    return DataSource{.train = all.subset(split->train),
                      .test = all.subset(split->validation),
                      .testOrigin = TestOrigin::HeldOut,
                      .notes = {"The data have no test set of their own: " + withThousands(kept) +
                                " of " + withThousands(all.size()) +
                                " images, the same part of every class, are held out for "
                                "testing (seed " +
                                std::to_string(seed) + ")."}};
}

} // namespace nn::data
