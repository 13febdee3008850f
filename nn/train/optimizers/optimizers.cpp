#include "nn/train/optimizers/optimizers.h"

#include "nn/base/text.h"

#include <algorithm>

namespace nn {

const std::vector<OptimizerDef>& optimizerDefs() {
    static const std::vector<OptimizerDef> defs{
        sgdDef(),       rmspropDef(), adamDef(), adamWDef(), adagradDef(), adadeltaDef(),
        adamaxDef(),    nadamDef(),   lionDef(), ftrlDef(),  lambDef(),    scheduleFreeAdamWDef(),
        adafactorDef(), muonDef()};
    return defs;
}

const OptimizerDef* findOptimizerDef(std::string_view name) {
    const auto found = std::ranges::find_if(optimizerDefs(), [&](const OptimizerDef& def) {
        return lowerCase(def.name) == lowerCase(name);
    });
    return found == optimizerDefs().end() ? nullptr : &*found;
}

} // namespace nn
