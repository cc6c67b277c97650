# JUnit: beside the results, escaped, with totals in front, and only when whole.
@needs python3
$ ntsh -k --junit j.xml -c 'route get 127.0.0.1; expect mtu < 10
  route get "<&>"; expect mtu > 1' > out 2>/dev/null; grep -c 'this machine' out; ls
> 1
> j.xml
> out
$ ntsh -k --junit j.xml -c 'route get 127.0.0.1; expect mtu < 10
  route get "<&>"; expect mtu > 1' >/dev/null 2>&1; python3 -c '
  import xml.etree.ElementTree as e; r = e.parse("j.xml").getroot(); print(r.attrib["tests"], r.attrib["failures"], r.attrib["errors"])
  print([c.attrib["name"] for c in r]); print(r[1][0].attrib["message"], r[1][0].tag, r[2][0].tag)'
> 4 3 0
> ['route get 127.0.0.1', 'expect mtu < 10', 'route get <&>', 'expect mtu > 1']
> mtu < 10: it is 65536 failure failure
$ ntsh --junit /nonexistent/j.xml route get 127.0.0.1
! ntsh: "/nonexistent/j.xml" cannot be written*
? 3
