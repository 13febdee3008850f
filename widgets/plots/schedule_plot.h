#pragma once

#include <QString>
#include <QWidget>
#include <vector>

namespace widgets {

/// The learning rate over the steps of a run, as its schedule gives it.
class SchedulePlot : public QWidget {
    Q_OBJECT

public:
    explicit SchedulePlot(QWidget* parent = nullptr);

    /// `rates` are spread evenly over `steps` steps from the first to the last.
    void setRates(const std::vector<double>& rates, qint64 steps);
    [[nodiscard]] const std::vector<double>& rates() const { return m_rates; }
    [[nodiscard]] QSize sizeHint() const override { return {240, 128}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, 128}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    [[nodiscard]] QRectF area() const;

    std::vector<double> m_rates;
    qint64 m_steps = 0;
};

} // namespace widgets
