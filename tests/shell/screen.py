"""A terminal's screen, as far as a prompt uses it: text, cursor movement, erasing, scrolling, wrapping, resizing.

Colours are ignored. Like most terminals of today it re-wraps lines when its width changes (reflow=False: like xterm)."""
import codecs
import unicodedata


def char_width(char):
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


class Row:
    def __init__(self, cells=None, wrapped=False):
        self.cells = cells or []
        self.wrapped = wrapped  # the next row goes on with this one's text

    def text(self):
        return "".join(cell or "" for cell in self.cells).rstrip()


class Screen:
    def __init__(self, rows=24, cols=80, reflow=True):
        self.rows, self.cols, self.reflow = rows, cols, reflow
        self.history = []  # rows that left at the top
        self.lines = [Row() for _ in range(rows)]
        self.y = self.x = 0
        self.pending = False  # the last column was written: the next character wraps
        self.saved = (0, 0)
        self.modes = set()  # DEC private modes that are on, e.g. 2004
        self.bells = 0
        self.clears = 0
        self.colours = 0  # SGR sequences seen
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.escape = None
        self.begins = None  # a pattern with which only new lines begin

    # --- what is asked of it ---

    def text(self):
        return "\n".join(row.text() for row in self.lines).rstrip()

    def everything(self):
        return "\n".join(row.text() for row in self.history + self.lines).rstrip()

    def row(self, index):
        return self.lines[index].text()

    def cursor_row(self):
        return self.lines[self.y].text()

    def logical(self):
        """All lines from the beginning, wrapped rows joined, without spaces at their ends (but up to the cursor), and the
        index of the one with the cursor."""
        out, current, at, column = [], "", -1, 0
        for index, row in enumerate(self.history + self.lines):
            if current and self.begins and self.begins.match(row.text()):
                out.append(current.rstrip())
                current = ""
            if index == len(self.history) + self.y:
                at, column = len(out), len(current) + self.x
            text = "".join(cell or "" for cell in row.cells)
            current += text if row.wrapped else text.rstrip()
            if not row.wrapped:
                out.append(current.ljust(column) if len(out) == at else current)
                current = ""
        return out, at

    # --- what is written to it ---

    def feed(self, data):
        for char in self.decoder.decode(data):
            self.put(char)

    def put(self, char):
        if self.escape is not None:
            self.escape += char
            self.put_escape()
        elif char == "\033":
            self.escape = ""
        elif char == "\r":
            self.x, self.pending = 0, False
        elif char in "\n\v\f":
            self.lines[self.y].wrapped = False
            self.down()
        elif char == "\b":
            self.x, self.pending = max(0, self.x - 1), False
        elif char == "\t":
            self.x = min(self.cols - 1, (self.x // 8 + 1) * 8)
        elif char == "\a":
            self.bells += 1
        elif char >= " " and char != "\x7f":
            self.put_text(char)

    def put_text(self, char):
        width = char_width(char)
        if width == 0:
            return
        if self.pending or self.x + width > self.cols:
            self.lines[self.y].wrapped = True
            self.down()
            self.x = 0
        cells = self.lines[self.y].cells
        cells.extend(" " * (self.x + width - len(cells)))
        cells[self.x] = char
        if width == 2:
            cells[self.x + 1] = ""
        self.x += width
        self.pending = self.x >= self.cols
        self.x = min(self.x, self.cols - 1)

    def down(self):
        self.pending = False
        if self.y < self.rows - 1:
            self.y += 1
            return
        self.history.append(self.lines.pop(0))
        self.lines.append(Row())

    def put_escape(self):
        text = self.escape
        if text[0] == "[":
            if len(text) > 1 and "@" <= text[-1] <= "~":
                self.escape = None
                self.put_csi(text[1:-1], text[-1])
        elif text[0] == "]":
            if text[-1] == "\a" or text.endswith("\033\\"):
                self.escape = None
        elif text[0] in "()*+#%":
            if len(text) == 2:
                self.escape = None
        else:
            self.escape = None
            self.put_simple(text[0])

    def put_simple(self, char):
        if char == "7":
            self.saved = (self.y, self.x)
        elif char == "8":
            self.y, self.x = self.saved
        elif char == "D":
            self.down()
        elif char == "E":
            self.x = 0
            self.down()
        elif char == "M":
            if self.y:
                self.y -= 1
            else:
                self.lines.insert(0, Row())
                self.lines.pop()
        self.pending = False

    def put_csi(self, args, final):
        if final == "m":
            self.colours += 1
            return
        if args[:1] == "?":
            for mode in args[1:].split(";"):
                if final == "h":
                    self.modes.add(mode)
                elif final == "l":
                    self.modes.discard(mode)
            return
        numbers = [int(n) if n.isdigit() else 0 for n in args.split(";")]
        first = numbers[0]
        count = max(1, first)
        self.pending = False
        cells = self.lines[self.y].cells
        if final == "A":
            self.y = max(0, self.y - count)
        elif final in "Be":
            self.y = min(self.rows - 1, self.y + count)
        elif final in "Ca":
            self.x = min(self.cols - 1, self.x + count)
        elif final == "D":
            self.x = max(0, self.x - count)
        elif final in "G`":
            self.x = min(self.cols, count) - 1
        elif final == "d":
            self.y = min(self.rows, count) - 1
        elif final in "Hf":
            self.y = min(self.rows, count) - 1
            self.x = min(self.cols, max(1, numbers[1] if len(numbers) > 1 else 1)) - 1
        elif final == "J":
            self.erase_screen(first)
        elif final == "K":
            self.erase_line(first)
        elif final == "P":
            del cells[self.x:self.x + count]
        elif final == "@":
            if self.x < len(cells):
                cells[self.x:self.x] = [" "] * count
                del cells[self.cols:]
        elif final == "X":
            for x in range(self.x, min(self.x + count, len(cells))):
                cells[x] = " "
        elif final == "L":
            for _ in range(count):
                self.lines.insert(self.y, Row())
                self.lines.pop()
        elif final == "M":
            for _ in range(count):
                del self.lines[self.y]
                self.lines.append(Row())

    def erase_line(self, what):
        row = self.lines[self.y]
        if what == 0:
            del row.cells[self.x:]
            row.wrapped = False
        elif what == 1:
            for x in range(min(self.x + 1, len(row.cells))):
                row.cells[x] = " "
        else:
            self.lines[self.y] = Row()

    def erase_screen(self, what):
        if what == 0:
            self.erase_line(0)
            for y in range(self.y + 1, self.rows):
                self.lines[y] = Row()
        elif what == 1:
            for y in range(self.y):
                self.lines[y] = Row()
            self.erase_line(1)
        else:
            self.lines = [Row() for _ in range(self.rows)]
            self.clears += 1

    # --- another size ---

    def resize(self, rows, cols):
        if self.reflow and cols != self.cols:
            self.rewrap(cols)
        self.cols = cols
        while len(self.lines) > rows:
            if self.y < len(self.lines) - 1 and not self.lines[-1].cells:
                self.lines.pop()
            else:
                self.history.append(self.lines.pop(0))
                self.y -= 1
        while len(self.lines) < rows:
            if self.history:
                self.lines.insert(0, self.history.pop())
                self.y += 1
            else:
                self.lines.append(Row())
        self.rows = rows
        self.x, self.pending = min(self.x, cols - 1), False
        self.y = max(0, min(self.y, rows - 1))

    def rewrap(self, cols):
        out, cells = [], []
        start, cursor = 0, (0, 0)
        for index, row in enumerate(self.lines):
            if index == self.y:
                offset = len(cells) + self.x
                cursor = None
            cells.extend(row.cells + [" "] * (self.cols - len(row.cells)) if row.wrapped else row.cells)
            if row.wrapped:
                continue
            if cursor is None:
                cursor = (start + offset // cols, offset % cols)
                cells.extend(" " * (offset - len(cells)))
            pieces = [cells[i:i + cols] for i in range(0, len(cells), cols)] or [[]]
            out += [Row(piece, i < len(pieces) - 1) for i, piece in enumerate(pieces)]
            start, cells = len(out), []
        while len(out) > len(self.lines) and not out[-1].cells and cursor[0] < len(out) - 1:
            out.pop()
        while len(out) > len(self.lines):
            self.history.append(out.pop(0))
            cursor = (cursor[0] - 1, cursor[1])
        while len(out) < len(self.lines):
            out.append(Row())
        self.lines, (self.y, self.x) = out, cursor
