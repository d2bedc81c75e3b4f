interface Size {
  readonly width: number;
  readonly height: number;
}

interface Window {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Moves the view box of a drawing: drag to pan, control and wheel to zoom; the wheel alone scrolls the page. */
export class PanZoom {
  private window: Window;
  private drag: { x: number; y: number; moved: boolean } | undefined;
  private readonly svg: SVGSVGElement;
  private readonly whole: Size;
  private readonly aspect: number;

  constructor(svg: SVGSVGElement, whole: Size, width: number, height: number, before: PanZoom | undefined) {
    [this.svg, this.whole, this.aspect] = [svg, whole, width / height];
    this.window = before && before.aspect === this.aspect ? before.window : this.fitted();
    svg.style.height = `${height}px`;
    this.show();
    this.listen();
  }

  /** True from the first move of a drag until the click that ends it. */
  get isDragging(): boolean {
    return this.drag?.moved ?? false;
  }

  zoom(how: string): void {
    if (how === 'fit') this.window = this.fitted();
    else this.scale(how === 'in' ? 1 / 1.4 : 1.4, 0.5, 0.5);
    this.show();
  }

  /** Pans as little as needed to have a point well inside. */
  reveal(x: number, y: number): void {
    const w = this.window;
    const [mx, my] = [Math.min(120, w.width / 4), Math.min(60, w.height / 4)];
    const nx = Math.min(Math.max(w.x, x + mx - w.width), x - mx);
    const ny = Math.min(Math.max(w.y, y + my - w.height), y - my);
    if (nx === w.x && ny === w.y) return;
    [w.x, w.y] = [nx, ny];
    this.show();
  }

  private fitted(): Window {
    const height = Math.max(this.whole.height, this.whole.width / this.aspect, 200);
    const width = height * this.aspect;
    return { x: (this.whole.width - width) / 2, y: (this.whole.height - height) / 2, width, height };
  }

  private scale(by: number, atX: number, atY: number): void {
    const w = this.window;
    const most = this.fitted().width * 1.5;
    const width = Math.min(most, Math.max(240, w.width * by));
    const height = width / this.aspect;
    this.window = { x: w.x + (w.width - width) * atX, y: w.y + (w.height - height) * atY, width, height };
  }

  private show(): void {
    const { x, y, width, height } = this.window;
    this.svg.setAttribute('viewBox', [x, y, width, height].map((v) => Math.round(v * 100) / 100).join(' '));
  }

  private listen(): void {
    const { svg } = this;
    svg.addEventListener('pointerdown', (e) => {
      this.drag = { x: e.clientX, y: e.clientY, moved: false };
    });
    svg.addEventListener('pointermove', (e) => {
      if (!this.drag || e.buttons === 0) return void (this.drag = e.buttons === 0 ? undefined : this.drag);
      const [dx, dy] = [e.clientX - this.drag.x, e.clientY - this.drag.y];
      if (!this.drag.moved && Math.hypot(dx, dy) < 5) return;
      if (!this.drag.moved) svg.setPointerCapture(e.pointerId);
      const scale = this.window.width / svg.clientWidth;
      this.window.x -= dx * scale;
      this.window.y -= dy * scale;
      this.drag = { x: e.clientX, y: e.clientY, moved: true };
      this.show();
    });
    // The click comes after pointerup and must still know that it ended a drag.
    svg.addEventListener('pointerup', () => setTimeout(() => (this.drag = undefined)));
    svg.addEventListener(
      'wheel',
      (e) => {
        if (!e.ctrlKey && !e.metaKey) return;
        e.preventDefault();
        const box = svg.getBoundingClientRect();
        this.scale(Math.exp(e.deltaY * 0.004), (e.clientX - box.left) / box.width, (e.clientY - box.top) / box.height);
        this.show();
      },
      { passive: false },
    );
  }
}
