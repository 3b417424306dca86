// front_end: 12-bit pixels, one per clock: pedestals, three line buffers, 3x3 sums, threshold, counts of tiles.
//
// px_* raster order, LINE pixels per row; ped_* fills the pedestals. `sum` with sum_valid is the sum of 3x3 pixels
// four clocks later; `hit`: it is above `threshold`; tile_*: hits in a tile of 64x64 inside the region, at its end.
`default_nettype none
module front_end #(
    parameter int LINE = 2304
) (
  input  wire        clk, rst,
  input  wire        px_valid,
  input  wire [11:0] px,
  input  wire        ped_we,
  input  wire [11:0] ped_addr, ped_data,
  input  wire [15:0] threshold,
  input  wire [11:0] roi_x0, roi_x1, roi_y0, roi_y1,
  output reg         sum_valid,
  output reg  [15:0] sum,
  output reg         hit,
  output reg         tile_valid,
  output reg   [5:0] tile_idx,
  output reg  [15:0] tile_count
);
  // ---- position
  reg [11:0] col, row;
  wire eol = (col == LINE - 1);
  always_ff @(posedge clk)
    if (rst) begin col <= 0; row <= 0; end
    else if (px_valid) begin
      col <= eol ? 12'd0 : col + 12'd1;
      if (eol) row <= row + 12'd1;
    end

  // ---- stage 1: pedestal memory (sync read)
  reg [11:0] ped [0:LINE-1];
  reg [11:0] ped_q, px1, col1, row1; reg v1;
  always_ff @(posedge clk) begin
    if (ped_we) ped[ped_addr] <= ped_data;
    ped_q <= ped[col];
  end
  always_ff @(posedge clk) begin
    v1 <= px_valid & ~rst; px1 <= px; col1 <= col; row1 <= row;
  end

  // ---- stage 2: saturating subtract
  wire [12:0] diff = {1'b0, px1} - {1'b0, ped_q};
  reg [11:0] px2, col2, row2; reg v2;
  always_ff @(posedge clk) begin
    v2 <= v1 & ~rst; px2 <= diff[12] ? 12'd0 : diff[11:0]; col2 <= col1; row2 <= row1;
  end

  // ---- stage 3: line buffers (sync read, write one cycle later)
  reg [11:0] lb0 [0:LINE-1];
  reg [11:0] lb1 [0:LINE-1];
  reg [11:0] lb2 [0:LINE-1];
  reg [11:0] l0_q, l1_q, l2_q, px3, col3, row3; reg v3;
  always_ff @(posedge clk) begin
    l0_q <= lb0[col2];
    if (v3) lb0[col3] <= px3;
  end
  always_ff @(posedge clk) begin
    l1_q <= lb1[col2];
    if (v3) lb1[col3] <= l0_q;
  end
  always_ff @(posedge clk) begin
    l2_q <= lb2[col2];
    if (v3) lb2[col3] <= l1_q;
  end
  always_ff @(posedge clk) begin
    v3 <= v2 & ~rst; px3 <= px2; col3 <= col2; row3 <= row2;
  end

  // ---- stage 4..6: vertical then horizontal sum
  reg [13:0] vs, vs_d1, vs_d2; reg v4, v5; reg [11:0] col4, row4, col5, row5;
  always_ff @(posedge clk) begin
    v4 <= v3 & ~rst; col4 <= col3; row4 <= row3;
    if (v3) begin
      vs <= {2'b0, l0_q} + {2'b0, l1_q} + {2'b0, l2_q};
      vs_d1 <= (col3 == 0) ? 14'd0 : vs;
      vs_d2 <= (col3 == 0) ? 14'd0 : vs_d1;
    end
    v5 <= v4 & ~rst; col5 <= col4; row5 <= row4;
    if (v4) sum <= {2'b0, vs} + {2'b0, vs_d1} + {2'b0, vs_d2};
    sum_valid <= v4 & ~rst;
  end
  wire hit5 = (sum > threshold) & v5 & (row5 >= 12'd3);
  wire in_roi = (col5 >= roi_x0) & (col5 < roi_x1) & (row5 >= roi_y0) & (row5 < roi_y1);

  // ---- tile counters: 64x64 tiles, 36 tiles a row of tiles
  reg [15:0] tiles [0:63];
  reg [15:0] tile_q; reg [6:0] run;
  wire tile_end = v5 & (col5[5:0] == 6'd63);
  wire tile_last_row = (row5[5:0] == 6'd63);
  wire tile_first_row = (row5[5:0] == 6'd0);
  wire [15:0] tile_new = (tile_first_row ? 16'd0 : tile_q) + {9'd0, run} + {15'd0, hit5 & in_roi};
  always_ff @(posedge clk) begin
    tile_q <= tiles[col5[11:6]];
    if (tile_end) tiles[col5[11:6]] <= tile_new;
  end
  always_ff @(posedge clk) begin
    hit <= hit5;
    if (rst) run <= 0;
    else if (tile_end) run <= 0;
    else if (hit5 & in_roi) run <= run + 7'd1;
    tile_valid <= tile_end & tile_last_row & ~rst;
    tile_idx   <= col5[11:6];
    tile_count <= tile_new;
  end
endmodule
`default_nettype wire
