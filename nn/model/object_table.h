#pragma once

#include "nn/model/define_params.h"
#include "nn/model/object_def.h"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace nn {

/// The classes of a family together with the code that makes what runs them. A family is a
/// function with a static table; each class is a plain options struct and a function.
template <typename Product>
class ObjectTable {
public:
    /// `make` receives the options read from checked arguments.
    template <typename Options>
    ObjectTable& add(ObjectDef def, ParamTable<Options> table,
                     std::function<Product(const Options&)> make) {
        def.params = table.specs();
        m_defs.push_back(std::move(def));
        m_make.push_back([table = std::move(table), make = std::move(make)](
                             const ParamMap& params) { return make(table.options(params)); });
        return *this;
    }

    [[nodiscard]] const std::vector<ObjectDef>& defs() const { return m_defs; }

    /// What a checked object stands for; nothing for a class that is not in the table.
    [[nodiscard]] std::optional<Product> made(const ParamObject& object) const {
        for (std::size_t i = 0; i < m_defs.size(); ++i) {
            if (m_defs[i].type == object.type()) {
                return m_make[i](object.params());
            }
        }
        return std::nullopt;
    }

private:
    std::vector<ObjectDef> m_defs = {};
    std::vector<std::function<Product(const ParamMap&)>> m_make = {};
};

} // namespace nn
