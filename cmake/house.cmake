# What all of our own targets share: warnings, sanitizers, include root.
add_library(house INTERFACE)
target_include_directories(house INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(house INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)
if(CROUPIER_WERROR)
  target_compile_options(house INTERFACE -Werror)
endif()
if(CROUPIER_SANITIZE)
  target_compile_options(house INTERFACE -fsanitize=${CROUPIER_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(house INTERFACE -fsanitize=${CROUPIER_SANITIZE})
endif()

# The allocator of every program that is run in earnest or measured: what is measured is what ships.
add_library(house_allocator INTERFACE)
if(JEMALLOC_LIBRARY AND NOT CROUPIER_SANITIZE)
  target_link_libraries(house_allocator INTERFACE ${JEMALLOC_LIBRARY})
endif()

# house_library(NAME SOURCES... ) makes the static library croupier_NAME of one folder.
function(house_library name)
  add_library(croupier_${name} STATIC ${ARGN})
  target_link_libraries(croupier_${name} PUBLIC house)
endfunction()
