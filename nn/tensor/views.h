#pragma once

#include "nn/tensor/tensor.h"

#include <Eigen/Core>

namespace nn {

using MatrixView = Eigen::Map<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>,
                              Eigen::Unaligned>;
using ConstMatrixView =
    Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>,
               Eigen::Unaligned>;

/// A tensor seen as a matrix: all outer axes are rows, the last axis is the columns.
[[nodiscard]] inline MatrixView matrixView(Tensor& tensor) {
    const std::int64_t columns = tensor.shape().rank() == 0 ? 1 : tensor.shape().back();
    return {tensor.values().data(), columns == 0 ? 0 : tensor.size() / columns, columns};
}
[[nodiscard]] inline ConstMatrixView matrixView(const Tensor& tensor) {
    const std::int64_t columns = tensor.shape().rank() == 0 ? 1 : tensor.shape().back();
    return {tensor.values().data(), columns == 0 ? 0 : tensor.size() / columns, columns};
}

} // namespace nn
