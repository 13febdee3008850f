#pragma once

#include "nn/model/object_table.h"
#include "nn/train/callback.h"

namespace nn {

using CallbackTable = ObjectTable<std::unique_ptr<Callback>>;

/// The classes; each file of this folder adds one.
void addEarlyStopping(CallbackTable& table);
void addReduceLROnPlateau(CallbackTable& table);
void addModelCheckpoint(CallbackTable& table);
void addLearningRateScheduler(CallbackTable& table);
void addTerminateOnNaN(CallbackTable& table);
void addCsvLogger(CallbackTable& table);
void addBackupAndRestore(CallbackTable& table);
void addSwapEmaWeights(CallbackTable& table);

/// Keras' verbose, accepted by the classes that have it.
inline constexpr const char* kVerboseHelp =
    "Taken over from Keras; what a callback did is always said at the end of the run.";

} // namespace nn
