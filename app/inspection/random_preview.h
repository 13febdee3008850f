#pragma once

#include "app/background.h"

#include "nn/model/graph.h"
#include "nn/tensor/tensor.h"

#include <QImage>
#include <QStringList>
#include <QWidget>
#include <vector>

class QLabel;
class QPushButton;

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
/// selected layer is no such layer. The pictures are made beside the window.
class RandomPreview : public QWidget {
    Q_OBJECT

public:
    explicit RandomPreview(Session& session, QWidget* parent = nullptr);

private:
    struct Pictures {
        std::vector<QImage> tiles;
        QStringList captions;
    };
    [[nodiscard]] static Pictures picturesOf(const nn::Node& node,
                                             const std::vector<nn::Tensor>& images);
    void refresh();
    void launch(const nn::Node& node);
    void showRangeNote(const nn::Node& node);
    void setRange();
    [[nodiscard]] std::vector<nn::Tensor> sampleImages() const;

    Session& m_session;
    QLabel* m_title;
    widgets::TileGrid* m_grid;
    QLabel* m_note;
    QPushButton* m_repair;
    nn::NodeId m_node = nn::kNoNode; ///< Of the range that the button sets.
    Background m_background;
};

} // namespace app
