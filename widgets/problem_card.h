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
    /// `layer` is the name of the layer, or empty where it is clear from the place.
    ProblemCard(const nn::Diagnostic& diagnostic, const QString& layer, QWidget* parent);

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
