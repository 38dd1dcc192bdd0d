"""1:N: which enrolled person is this, if any?"""
