#pragma once

#include "nn/io/json.h"
#include "tests/support/npz.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace tests {

/// One case of a folder of the oracle (tests/data/keras, or the folder RECEPTIVE_ORACLE names).
struct OracleCase {
    std::string name;
    std::filesystem::path root;   ///< The oracle: holds summary, topology, forward, train.
    std::filesystem::path folder; ///< Where the case lies.
    nn::io::Json description;

    /// The model as Keras writes it; put together from the layers where a case has no model_json.
    [[nodiscard]] nn::io::Json modelJson() const;
    /// NAME.npz of this case.
    [[nodiscard]] nn::Expected<Npz> arrays() const;
};

/// What became of a case: passed, failed with a reason, or skipped with a reason.
struct Outcome {
    enum class Kind { Passed, Failed, Skipped };
    Kind kind = Kind::Passed;
    std::string reason;
};
[[nodiscard]] Outcome passed();
[[nodiscard]] Outcome failed(std::string reason);
[[nodiscard]] Outcome skipped(std::string reason);
/// A model that is not supported (yet) is skipped; any other error is a failure.
[[nodiscard]] Outcome refusal(const nn::Error& error);

struct OracleCounts {
    int passed = 0;
    int failed = 0;
    int skipped = 0;
};

/// Runs a check on every case of a folder ("summary"). Prints what failed or was skipped and why,
/// and "N passed, N failed, N skipped".
OracleCounts runOracle(const std::string& folder,
                       const std::function<Outcome(const OracleCase&)>& check);

[[nodiscard]] std::optional<std::string> fileText(const std::filesystem::path& path);

} // namespace tests
