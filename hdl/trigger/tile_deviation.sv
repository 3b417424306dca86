// tile_deviation: CYGNO's online trigger, the pixel variance in overlapping tiles against a threshold each.
//
// Twin of src/trigger/tile-trigger.ts. Per tile: 16 (N sum(q^2) - sum(q)^2) > N^2 threshold, in 64 bits.
//   s_value  u12 per pixel, raster order
//   done     high from the last judgement to the next start; then mask shows the row of tiles `mask_row`
// Throughput 1 pixel per clock; s_ready is low for about 15 clocks per tile + 64 after the last pixel of a
// row of tiles, and when a cell shorter than 4 pixels ends. Memories: 128 x 72 bits of sums, 1024 x 24 bits
// of thresholds, 32 x 32 bits of masks.
`default_nettype none
module tile_deviation (
    input  wire         clk,
    input  wire         rst,
    input  wire         start,             // a new frame
    input  wire         cfg_enable,
    input  wire  [12:0] cfg_width,
    input  wire  [12:0] cfg_height,
    input  wire  [ 8:0] cfg_size,
    input  wire  [ 6:0] cfg_margin,
    input  wire         threshold_write,
    input  wire  [ 9:0] threshold_address, // number of the tile
    input  wire  [23:0] threshold,         // 1/16 ADU^2
    input  wire         s_valid,           // the pixel is taken
    output wire         s_ready,
    input  wire  [11:0] s_value,
    output logic        done,
    output logic [ 5:0] rows,              // rows of tiles judged
    input  wire  [ 4:0] mask_row,
    output wire  [31:0] mask
);
  localparam logic [3:0] IDLE = 0, CLEAR = 1, WATCH = 2, ADD_READ = 3, ADD_WRITE = 4, NEXT_READ = 5,
      NEXT_WRITE = 6, CELL_READ = 7, CELL_ADD = 8, COUNT = 9, SPREAD = 10, CENTRE = 11, COUNT_SQUARED = 12,
      COMPARE = 13, STORE = 14;
  logic [3:0] state;

  logic [23:0] thresholds[0:1023];
  always_ff @(posedge clk) if (threshold_write) thresholds[threshold_address] <= threshold;

  // --- the pixel's place: cells are cut at k * size - margin and k * size + margin
  logic [12:0] x, y, next_x, row_high;  // row_high: first row of the next row of tiles, without margin
  logic [5:0] cell_x;
  wire [12:0] size = {4'b0, cfg_size};
  wire [12:0] margin = {6'b0, cfg_margin};
  wire [12:0] core = size - {5'b0, cfg_margin, 1'b0};
  wire last_x = x == cfg_width - 13'd1;
  wire last_y = y == cfg_height - 13'd1;
  wire cell_end = last_x | x + 13'd1 == next_x;
  wire row_end = last_x & (last_y | y + 13'd1 == row_high + margin);
  logic row_pending, frame_pending;
  wire more_rows = frame_pending && row_high < cfg_height;
  assign s_ready = ~cfg_enable | (state == IDLE) | (state == WATCH) |
      (state >= ADD_READ && state <= NEXT_WRITE && ~cell_end && ~row_pending);
  wire take = s_valid & cfg_enable;

  // --- sums of the cell at hand; a finished cell waits in add_* for the memory
  logic [20:0] cell_sum, add_sum;
  logic [32:0] cell_squares, add_squares;
  logic [5:0] add_cell;
  logic add_next;  // the row also belongs to the next row of tiles
  wire [23:0] squared = s_value * s_value;
  wire [20:0] new_sum = cell_sum + {9'b0, s_value};
  wire [32:0] new_squares = cell_squares + {9'b0, squared};

  always_ff @(posedge clk)
    if (start) begin
      x <= '0;
      y <= '0;
      next_x <= size - margin;
      cell_x <= '0;
      cell_sum <= '0;
      cell_squares <= '0;
      row_pending <= 1'b0;
      frame_pending <= 1'b0;
    end else if (take) begin
      x <= last_x ? 13'd0 : x + 13'd1;
      if (last_x) y <= y + 13'd1;
      cell_sum <= cell_end ? 21'd0 : new_sum;
      cell_squares <= cell_end ? 33'd0 : new_squares;
      if (cell_end) begin
        add_sum <= new_sum;
        add_squares <= new_squares;
        add_cell <= cell_x;
        add_next <= y + margin >= row_high;
        cell_x <= last_x ? 6'd0 : cell_x + 6'd1;
        next_x <= last_x ? size - margin : cell_x[0] ? next_x + core : next_x + {5'b0, cfg_margin, 1'b0};
        row_pending <= row_end;
        frame_pending <= row_end & last_y;
      end
    end else if (state == STORE && !more_rows) row_pending <= 1'b0;

  // --- sums per cell for this row of tiles and, in the border zone, for the next
  logic [29:0] sums[0:127];
  logic [41:0] squares[0:127];
  logic [29:0] sum_q, tile_sum;
  logic [41:0] squares_q, tile_squares;
  logic parity;
  logic [6:0] address, clear_address;
  logic [5:0] judged_cell;
  always_comb
    case (state)
      CLEAR: address = clear_address;
      ADD_READ, ADD_WRITE: address = {parity, add_cell};
      NEXT_READ, NEXT_WRITE: address = {~parity, add_cell};
      default: address = {parity, judged_cell};
    endcase
  wire reading = state == ADD_READ || state == NEXT_READ || state == CELL_READ;
  wire writing = state == CLEAR || state == ADD_WRITE || state == NEXT_WRITE;
  always_ff @(posedge clk) begin
    if (reading) begin
      sum_q <= sums[address];
      squares_q <= squares[address];
    end
    if (writing) begin
      sums[address] <= state == CLEAR ? 30'd0 : sum_q + {9'b0, add_sum};
      squares[address] <= state == CLEAR ? 42'd0 : squares_q + {9'b0, add_squares};
    end
  end

  // --- judging a row of tiles, one tile after the other, with one multiplier
  logic [12:0] tile_high;  // first column of the next tile, without margin
  logic [4:0] tile;
  logic [9:0] tile_number;
  logic [23:0] limit;
  logic [35:0] pixels;  // N, later N^2
  logic [59:0] spread;
  logic [31:0] row_mask;
  logic [31:0] masks[0:31];
  assign mask = masks[mask_row];
  wire last_tile = tile_high >= cfg_width;
  wire [5:0] first_cell = tile == 0 ? 6'd0 : {tile, 1'b0} - 6'd1;
  wire [12:0] left = tile == 0 ? 13'd0 : tile_high - size - margin;
  wire [12:0] right = tile_high + margin > cfg_width ? cfg_width : tile_high + margin;
  wire [12:0] top = rows == 0 ? 13'd0 : row_high - size - margin;
  wire [12:0] bottom = row_high + margin > cfg_height ? cfg_height : row_high + margin;
  wire [12:0] tile_width = right - left;
  wire [12:0] tile_height = bottom - top;
  logic [41:0] factor_a;
  logic [35:0] factor_b;
  // A state that multiplies lasts two clocks: in the second one its product stands in the register.
  logic [59:0] product;
  logic settled;
  wire multiplies = state >= COUNT && state <= COMPARE;
  wire hold = multiplies & ~settled;
  always_ff @(posedge clk)
    if (rst) settled <= 1'b0;
    else if (multiplies) begin
      settled <= hold;
      product <= factor_a * factor_b;
    end
  always_comb
    case (state)
      COUNT: {factor_a, factor_b} = {29'b0, tile_width, 23'b0, tile_height};
      SPREAD: {factor_a, factor_b} = {tile_squares, pixels};
      CENTRE: {factor_a, factor_b} = {12'b0, tile_sum, 6'b0, tile_sum};
      COUNT_SQUARED: {factor_a, factor_b} = {6'b0, pixels, pixels};
      default: {factor_a, factor_b} = {18'b0, limit, pixels};
    endcase
  wire fires = {spread, 4'b0} > {4'b0, product};

  always_ff @(posedge clk) if (state == STORE) masks[rows[4:0]] <= row_mask;
  always_ff @(posedge clk) if (state == CELL_READ) limit <= thresholds[tile_number];

  always_ff @(posedge clk)
    if (rst) begin
      state <= IDLE;
      done  <= 1'b1;
    end else if (start) begin
      state <= cfg_enable ? CLEAR : IDLE;
      done <= ~cfg_enable;
      clear_address <= '0;
      rows <= '0;
      row_high <= size;
      parity <= 1'b0;
      tile_number <= '0;
      row_mask <= '0;
    end else if (!hold)
      case (state)
        CLEAR: begin
          clear_address <= clear_address + 7'd1;
          if (rows == 0 ? &clear_address : &clear_address[5:0]) begin
            if (!row_pending) state <= frame_pending ? IDLE : WATCH;
            else state <= CELL_READ;
            done <= ~row_pending & frame_pending;
          end
          judged_cell <= '0;
          tile <= '0;
          tile_high <= size;
        end
        WATCH: begin
          judged_cell <= '0;
          tile <= '0;
          tile_high <= size;
          if (take & cell_end) state <= ADD_READ;
        end
        ADD_READ: state <= ADD_WRITE;
        ADD_WRITE: state <= add_next ? NEXT_READ : row_pending ? CELL_READ : WATCH;
        NEXT_READ: state <= NEXT_WRITE;
        NEXT_WRITE: state <= row_pending ? CELL_READ : WATCH;

        // A tile is the cells 2 tile - 1, 2 tile and 2 tile + 1; judged_cell walks over them.
        CELL_READ: state <= CELL_ADD;
        CELL_ADD: begin
          tile_sum <= (judged_cell == first_cell ? 30'd0 : tile_sum) + sum_q;
          tile_squares <= (judged_cell == first_cell ? 42'd0 : tile_squares) + squares_q;
          judged_cell <= judged_cell + 6'd1;
          state <= judged_cell == {tile, 1'b1} ? COUNT : CELL_READ;
        end
        COUNT: begin
          pixels <= product[35:0];
          state  <= SPREAD;
        end
        SPREAD: begin
          spread <= product;
          state  <= CENTRE;
        end
        CENTRE: begin
          spread <= spread - product;
          state  <= COUNT_SQUARED;
        end
        COUNT_SQUARED: begin
          pixels <= product[35:0];
          state  <= COMPARE;
        end
        COMPARE: begin
          row_mask[tile] <= fires;
          tile <= tile + 5'd1;
          tile_high <= tile_high + size;
          tile_number <= tile_number + 10'd1;
          judged_cell <= {tile, 1'b1};
          state <= last_tile ? STORE : CELL_READ;
        end
        STORE: begin
          rows <= rows + 6'd1;
          row_mask <= '0;
          row_high <= row_high + size;
          parity <= ~parity;
          clear_address <= {parity, 6'd0};
          state <= CLEAR;
        end
        default: ;
      endcase
endmodule
`default_nettype wire
