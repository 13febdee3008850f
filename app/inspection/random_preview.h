#pragma once

#include "nn/model/graph.h"
#include "nn/tensor/tensor.h"

#include <QWidget>
#include <vector>

class QLabel;

namespace widgets {
class TileGrid;
}

namespace app {

class Session;

/// What a layer that is random while training makes of an image (height, width, channels), several
/// times with other random numbers. Empty for layers that are not random or take no image.
[[nodiscard]] std::vector<nn::Tensor> randomVariants(const nn::Node& node, const nn::Tensor& image,
                                                     int count);

/// Shows what the selected augmentation or noise layer does to images of the data. Hidden while the
/// selected layer is no such layer.
class RandomPreview : public QWidget {
    Q_OBJECT

public:
    explicit RandomPreview(Session& session, QWidget* parent = nullptr);

private:
    void refresh();
    [[nodiscard]] std::vector<nn::Tensor> sampleImages() const;

    Session& m_session;
    QLabel* m_title;
    widgets::TileGrid* m_grid;
};

} // namespace app
