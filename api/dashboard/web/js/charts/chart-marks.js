/**
 * Shades the time of each anomaly, from its onset to where it cleared (or to the right edge).
 * @param {any} plot A uPlot. @param {readonly any[]} anomalies @param {(name: string) => string} color
 */
export function drawAnomalies(plot, anomalies, color) {
  const { ctx, bbox } = plot;
  ctx.save();
  for (const { onset, clearedAt } of anomalies) {
    const left = clampToPlot(plot, Date.parse(onset));
    const right = clearedAt ? clampToPlot(plot, Date.parse(clearedAt)) : bbox.left + bbox.width;
    ctx.fillStyle = color('--shade');
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.fillStyle = color('--critical');
    ctx.fillRect(left, bbox.top, right - left, 2 * devicePixelRatio);
  }
  ctx.restore();
}

/** The bound of the values, stepwise. @param {{times: string[], values: number[]} | undefined} limit */
export function drawLimit(plot, limit, color) {
  if (limit === undefined || limit.times.length === 0) return;
  const { ctx } = plot;
  ctx.save();
  ctx.strokeStyle = color('--critical');
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  for (const [i, value] of limit.values.entries()) {
    const y = plot.valToPos(value, 'y', true);
    const next = limit.times[i + 1] ?? limit.times[i];
    ctx.lineTo(clampToPlot(plot, Date.parse(limit.times[i])), y);
    ctx.lineTo(clampToPlot(plot, Date.parse(next)), y);
  }
  ctx.stroke();
  ctx.restore();
}

/** A dashed line where an action was written to the cluster. */
export function drawActions(plot, actions, color) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = color('--text-soft');
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const { appliedAt } of actions) {
    if (!appliedAt) continue;
    const seconds = Date.parse(appliedAt) / 1000;
    if (seconds < plot.scales.x.min || seconds > plot.scales.x.max) continue;
    const x = plot.valToPos(seconds, 'x', true);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

function clampToPlot(plot, epochMs) {
  const { left, width } = plot.bbox;
  return Math.min(left + width, Math.max(left, plot.valToPos(epochMs / 1000, 'x', true)));
}
