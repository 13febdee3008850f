#pragma once

#include "nn/model/diagnostic.h"
#include "widgets/theme.h"

#include <QWidget>

class QLabel;
class QVBoxLayout;

namespace widgets {

/// One diagnostic: what is wrong, and a button for each repair.
class ProblemCard : public QWidget {
    Q_OBJECT

public:
    enum class Heading {
        None, ///< The layer is clear from the place.
        Layer,
    };

    /// `name` is that of the layer.
    ProblemCard(const nn::Diagnostic& diagnostic, const QString& name, Heading heading,
                QWidget* parent);

    [[nodiscard]] const nn::Diagnostic& diagnostic() const { return m_diagnostic; }

signals:
    void chosen(nn::NodeId node);
    void repairWished(const nn::Repair& repair);

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void restyle();

    nn::Diagnostic m_diagnostic;
    QLabel* m_icon = nullptr;
    QLabel* m_layer = nullptr;
    QLabel* m_message = nullptr;
};

} // namespace widgets
