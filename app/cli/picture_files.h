#pragma once

#include "nn/base/error.h"
#include "nn/tensor/tensor.h"

#include <QDir>
#include <QImage>
#include <QString>
#include <vector>

namespace app::cli {

/// Pictures of one kind and what their colours mean.
struct PictureSet {
    QString name;  ///< Start of the file names: "conv2d_filter".
    QString scale; ///< "blue −0.42, white 0, red 0.42; one scale for all"
    std::vector<QImage> pictures;
};

/// The filters of a kernel (height, width, inputs, outputs): as colours for three inputs, else one
/// picture per pair of output and input; blue–white–red around zero, one scale for all.
[[nodiscard]] PictureSet filterPictures(const QString& layer, const nn::Tensor& kernel);

/// The maps of an activation (height, width, channels), or one row for a vector: viridis, one
/// scale for all.
[[nodiscard]] PictureSet mapPictures(const QString& layer, const nn::Tensor& activation);

/// Writes every picture as NAME_000.png and all of them, enlarged, as NAME_all.png.
[[nodiscard]] nn::Expected<void> savePictures(const PictureSet& set, const QDir& folder);

/// Makes the folder when it is not there.
[[nodiscard]] nn::Expected<QDir> outputFolder(const QString& path);

} // namespace app::cli
