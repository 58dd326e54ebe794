# Writes files into a C++ source as bytes: cmake -DOUTPUT=... -DFILES="a.js;b.css" -P embed.cmake
# The names are the files' own; `chart.min.js` is served as chart.js.
set(entries "")
set(count 0)
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME)
  string(REPLACE ".min.js" ".js" name "${name}")
  string(TOLOWER "${name}" name)
  file(READ "${file}" bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(APPEND arrays "const unsigned char file_${count}[] = {${bytes}};\n")
  string(APPEND entries "    {\"${name}\", {reinterpret_cast<const char*>(file_${count}), sizeof file_${count}}},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE "${OUTPUT}" "#include \"http/dashboard/assets.hpp\"\n\nnamespace croupier::http::dashboard {\nnamespace {\n${arrays}\
const asset all[] = {\n${entries}};\n} // namespace\n\nstd::span<const asset> assets() noexcept {\n  return all;\n}\n} // namespace croupier::http::dashboard\n")
